/** Tables for people: columns as wide as their widest cell, the last one cut where the terminal ends. */
import { cut, plain, widthOf } from "./plain.ts";
import type { Terminal } from "./terminal.ts";

type Style = Terminal["style"];
/** With the style it is shown in. */
export type Cell = string | { text: string; style: Parameters<Style>[0] };

const GAP = "  ";
/** However narrow the terminal, that much of the last column is shown. */
const LEAST = 8;

interface Look {
  /** Columns of the terminal; null where nothing is cut. */
  width: number | null;
  style: Style;
}

/** Lines: the titles, then the rows. */
export function table(titles: readonly string[], rows: readonly Cell[][], { width, style }: Look): string[] {
  const cells = rows.map((row) => row.map((cell) => plain(typeof cell === "string" ? cell : cell.text)));
  const widths = titles.map((title, at) => Math.max(widthOf(title), ...cells.map((row) => widthOf(row[at] ?? ""))));
  const before = widths.slice(0, -1).reduce((sum, one) => sum + one + GAP.length, 0);
  const last = width === null ? null : Math.max(LEAST, width - before);
  const line = (texts: readonly string[], styled: (at: number, text: string) => string) =>
    texts
      .map((text, at) => {
        if (at < titles.length - 1) return styled(at, text) + " ".repeat((widths[at] ?? 0) - widthOf(text));
        return styled(at, last === null ? text : cut(text, last));
      })
      .join(GAP)
      .trimEnd();
  return [
    line(titles, (_, text) => style("dim", text)),
    ...cells.map((texts, row) => {
      const styled = (at: number, text: string) => {
        const cell = rows[row]?.[at];
        return cell === undefined || typeof cell === "string" ? text : style(cell.style, text);
      };
      return line(texts, styled);
    }),
  ];
}
