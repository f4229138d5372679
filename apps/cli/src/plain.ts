/** Text of agents and users on a terminal: it gets no say in what the terminal does, and is cut by the columns that it really takes. */
import stringWidth from "string-width";

/** One line without control characters. */
export function plain(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

export const widthOf = (text: string): number => stringWidth(text);

const graphemes = new Intl.Segmenter();

/** At most `width` columns; what was cut shows as an ellipsis. `text` has no styles yet. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = "";
  let room = width - 1;
  for (const { segment } of graphemes.segment(text)) {
    room -= widthOf(segment);
    if (room < 0) break;
    kept += segment;
  }
  return width > 0 ? `${kept}…` : "";
}
