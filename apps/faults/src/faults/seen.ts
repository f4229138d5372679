/** What clients saw in a stretch of time, read from their histories while they go on writing them. */
import { readEntries } from "../history/read.ts";
import { monotonic } from "../history/write.ts";

export interface Seen {
  id: string;
  op: string;
  /** Until its end was heard; of one that is still open, until now. */
  ms: number;
  /** `lost`: it may have happened. */
  end: "ok" | "refused" | "lost" | "open";
  /** Of one that was lost: the status and code of a 5xx, or why there was no answer. */
  reason: string;
}

/** Of all calls that were sent in that time. */
export function seenBetween(history_folder: string, from: number, to: number): Seen[] {
  const calls = new Map<string, Seen & { at: number }>();
  const now = monotonic();
  for (const entry of readEntries(history_folder)) {
    if (entry.type === "fault") continue;
    if (entry.type === "invoke") {
      if (entry.at < from || entry.at > to) continue;
      const { id, at, operation } = entry;
      calls.set(id, { id, op: operation.op, at, ms: now - at, end: "open", reason: "" });
      continue;
    }
    const call = calls.get(entry.id);
    if (call === undefined) continue;
    call.ms = entry.at - call.at;
    call.end = entry.type === "ok" ? "ok" : entry.type === "fail" ? "refused" : "lost";
    if (entry.type === "info") call.reason = entry.reason;
  }
  return [...calls.values()];
}

/** Answers that say "something is broken here": none of them is ever right but 503 and 507. */
export function brokenAnswers(seen: readonly Seen[], allowed: readonly string[]): string[] {
  return seen.filter(({ reason }) => /^5\d\d /.test(reason) && !allowed.includes(reason.slice(0, 3))).map(tellCall);
}

export const tellCall = ({ op, reason, ms }: Seen): string => `${op}: ${reason} after ${Math.round(ms)} ms`;

/** The value below which such a share lies; 0 of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
