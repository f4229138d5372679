/** Reads a patch: the lines that were added to each file, with their numbers in the new file. */
import { parsePatch } from "diff";

export interface Line {
  number: number;
  text: string;
}

export interface AddedLines {
  file: string;
  lines: Line[];
}

export function addedLines(patch: string): AddedLines[] {
  return parsePatch(patch)
    .map(({ newFileName, hunks }) => ({
      file: (newFileName ?? "").replace(/^b\//, ""),
      lines: hunks.flatMap((hunk) =>
        hunk.lines
          .filter((line) => line.startsWith("+"))
          .map((line, at) => ({ number: hunk.newStart + at, text: line.slice(1) })),
      ),
    }))
    .filter(({ lines }) => lines.length > 0);
}

/** The work of a search grows faster than its text: so it gets the text in portions. */
const WINDOW = 32 * 1024;
/** Pieces of one long line overlap by more than any secret is long. */
const OVERLAP = 4 * 1024;

export function windowsOf(lines: readonly Line[]): Line[][] {
  const windows: Line[][] = [];
  let room = 0;
  for (const piece of lines.flatMap(piecesOf)) {
    if (piece.text.length > room || windows.length === 0) {
      windows.push([]);
      room = WINDOW;
    }
    windows.at(-1)?.push(piece);
    room -= piece.text.length + 1;
  }
  return windows;
}

function piecesOf({ number, text }: Line): Line[] {
  if (text.length <= WINDOW) return [{ number, text }];
  const step = WINDOW - OVERLAP;
  return Array.from({ length: Math.ceil(text.length / step) }, (_, at) => ({
    number,
    text: text.slice(at * step, at * step + WINDOW),
  }));
}
