/** What a seeded bug is: a known mistake, put into a copy of the sources, that a scenario has to notice. */

/** `find` occurs exactly once in the file. */
export interface Edit {
  /** From the root of the checkout. */
  file: string;
  find: string;
  replace: string;
}

export interface Bug {
  name: string;
  /** What somebody might have written, in a sentence. */
  mistake: string;
  edits: readonly Edit[];
  /** Whose short form has to notice it. */
  scenario: string;
  /** The invariants it may break, one of which must be told; anything else that goes wrong does not count. */
  breaks: readonly string[];
}

/** The text with the bug in it. Throws when the place is not there, or there twice: then the sources have moved on. */
export function seeded(text: string, { file, find, replace }: Edit): string {
  const places = text.split(find).length - 1;
  if (places !== 1) throw new Error(`${file}: the text to replace is there ${places} times: ${find.slice(0, 80)}`);
  return text.replace(find, () => replace);
}
