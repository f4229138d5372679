/** Finds a section of a Markdown text by its title. Code blocks are passed over: a heading inside one is not a heading. */

const HEADING = /^(#{1,6})\s+(.*)$/;
const FENCE = /^\s*(```|~~~)/;

interface Line {
  text: string;
  in_code: boolean;
}

/** The body of the last section whose title fits, up to the next heading of its rank; null when there is none with a body. */
export function sectionOf(text: string, title: RegExp): string | null {
  const lines = linesOf(text);
  const at = lines.findLastIndex(({ text: line, in_code }) => !in_code && title.test(titleOf(line)?.name ?? ""));
  if (at < 0) return null;
  const rank = titleOf(lines[at]?.text ?? "")?.rank ?? 0;
  const rest = lines.slice(at + 1);
  const end = rest.findIndex(({ text: line, in_code }) => !in_code && (titleOf(line)?.rank ?? 7) <= rank);
  const body = (end < 0 ? rest : rest.slice(0, end)).map((line) => line.text).join("\n");
  return body.trim() === "" ? null : body.trim();
}

/** The lines that are prose. */
export function proseOf(text: string): string[] {
  return linesOf(text)
    .filter(({ in_code }) => !in_code)
    .map((line) => line.text);
}

function titleOf(line: string): { rank: number; name: string } | null {
  const found = HEADING.exec(line);
  return found ? { rank: found[1]?.length ?? 0, name: (found[2] ?? "").replace(/[*_]/g, "").trim() } : null;
}

function linesOf(text: string): Line[] {
  let open = false;
  return text.split(/\r?\n/).map((line) => {
    const fence = FENCE.test(line);
    if (fence) open = !open;
    return { text: line, in_code: open || fence };
  });
}
