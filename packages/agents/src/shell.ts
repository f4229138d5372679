/** Words for the POSIX shell that runs commands, and the place in a command where the prompt's file belongs. */

const PROMPT_FILE = "{prompt_file}";
const PLAIN = /^[\w@%+=:,./-]+$/;

function shellWord(word: string): string {
  return PLAIN.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** A command as one line; `{prompt_file}` stays what it is, wherever it stands. */
export function shellLine(words: readonly string[]): string {
  return words.map((word) => word.split(PROMPT_FILE).map(part).join(PROMPT_FILE) || "''").join(" ");
}

function part(text: string): string {
  return text === "" ? "" : shellWord(text);
}

/** The same command when it does not ask for the file. */
export function withPromptFile(command: string, path: string): string {
  return command.replaceAll(PROMPT_FILE, () => shellWord(path));
}
