/** Text from a tool's report as a finding may hold it: well-formed, without NUL, cut at the end. */
import { cutText } from "@baton/domain";

export const TITLE_MAX = 1_000;
export const DESCRIPTION_MAX = 8_000;

export function storable(text: string, max: number): string {
  return cutText(text.toWellFormed().replaceAll("\0", ""), max);
}
