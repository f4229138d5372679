/** The file of an agent at work in which the line and people speak to it (`BATON_MESSAGES`): one entry after the other. */
import { appendFile } from "node:fs/promises";

/** What is said, by whom and when (ISO 8601). */
export interface Words {
  at: string;
  author: string;
  text: string;
}

/** False when the agent's files are gone: then nobody is left to read it. */
export async function addWords(file: string, { at, author, text }: Words): Promise<boolean> {
  const entry = `## ${at} ${author}\n\n${text.trimEnd()}\n\n`;
  return appendFile(file, entry).then(
    () => true,
    () => false,
  );
}

/** What an agent is told when its lease, budget or quota come to an end. */
export const WIND_DOWN = "wind_down: time, budget or quota run out. Finish what is begun, leave handoff.json and end.";
