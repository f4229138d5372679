/** As many findings as one body takes: who rejects with two hundred stack traces must be heard, not refused. */
import { cutText, type Finding, type FindingInput, rejects } from "@baton/domain";

/** Of the megabyte that a body may have; the packet needs the rest. */
const MOST_BYTES = 600_000;

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** All as they are where they fit; else with shorter descriptions, and what then is still too much is left out from the end. */
export function fittingFindings(findings: readonly FindingInput[]): FindingInput[] {
  if (bytesOf(findings) <= MOST_BYTES) return [...findings];
  const each = Math.floor(MOST_BYTES / findings.length);
  const fitting: FindingInput[] = [];
  let bytes = 0;
  for (const finding of findings) {
    const short = shortened(finding, each);
    bytes += bytesOf(short) + 1;
    if (bytes > MOST_BYTES) break;
    fitting.push(short);
  }
  return fitting;
}

/** Where some are left out, those that decide the verdict are still there: without them a rejection would be a pass. */
export function rejectingFirst(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => Number(rejects(b)) - Number(rejects(a)));
}

function shortened(finding: FindingInput, bytes: number): FindingInput {
  const { description = "", ...rest } = finding;
  const over = bytesOf(finding) - bytes;
  if (over <= 0) return finding;
  // A character takes up to six bytes in JSON; on the average of this text it takes so many.
  const per_character = bytesOf(description) / Math.max(1, description.length);
  const most = Math.floor(description.length - over / per_character) - 10;
  return most > 0 ? { ...rest, description: cutText(description, most) } : rest;
}
