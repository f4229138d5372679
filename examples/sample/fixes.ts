/** The two ideas the scripted dev agent has about the sample's bug. The first sounds right and is not; the second is. */

export interface Fix {
  readonly idea: string;
  readonly decision: string;
  readonly rationale: string;
  readonly edit: (source: string) => string;
}

/** Where the words are taken from the title, with or without the first idea in it. */
const LOWERED = /title(?:\.normalize\("NFKD"\))?\.toLowerCase\(\)/;

/** Splits é into e and an accent sign, but the sign still ends the word. */
export const FIRST_IDEA: Fix = {
  idea: "accented letters are not in a-z; splitting them into letter and accent should do",
  decision: "Normalise the title to NFKD before it is split into words",
  rationale: "NFKD writes é as e followed by an accent sign, so the e is a plain letter. The tests were not run.",
  edit: (source) => source.replace(LOWERED, 'title.normalize("NFKD").toLowerCase()'),
};

/** Takes the accent signs out as well, before they can end a word. */
export const SECOND_IDEA: Fix = {
  idea: "the accent signs that normalising leaves behind still cut words in two; they have to go",
  decision: "Remove the combining marks after normalising",
  rationale: "After NFKD the accents are signs of their own (Unicode class M) and count as a break between words.",
  edit: (source) => source.replace(LOWERED, 'title.normalize("NFKD").replace(/\\p{M}/gu, "").toLowerCase()'),
};
