/** What a command gives: JSON in the API's own shapes for programs, lines for people. Colours and widths come from the stream. */
import { styleText } from "node:util";
import { endWhenUnwritable } from "./output.ts";
import { type Cell, table } from "./table.ts";
import type { Terminal } from "./terminal.ts";

export interface Out {
  json: boolean;
  /** Columns of the terminal; null where there is none and nothing is cut. */
  width: number | null;
  style: Terminal["style"];
  /** One JSON document, or the lines. */
  give: (value: unknown, lines: () => string[]) => void;
  /** One line at once, for what goes on for a while. */
  line: (text: string) => void;
  table: (titles: readonly string[], rows: readonly Cell[][]) => string[];
}

export function openOut(stream: NodeJS.WriteStream, json: boolean): Out {
  endWhenUnwritable(stream);
  const width = stream.isTTY ? stream.columns : null;
  const style: Out["style"] = (kind, text) => styleText(kind, text, { stream, validateStream: true });
  const line = (text: string) => void stream.write(`${text}\n`);
  return {
    ...{ json, width, style, line },
    give: (value, lines) => {
      if (json) line(JSON.stringify(value, null, 2));
      else for (const one of lines()) line(one);
    },
    table: (titles, rows) => table(titles, rows, { width, style }),
  };
}
