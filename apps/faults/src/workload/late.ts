/** Results that came too late and were refused: any of them, and those whose agent stood still with its whole process. Pure. */
import { type Call, type Fault, named } from "../history/read.ts";

/** How many of them count for a plan. */
export type CountLate = (calls: readonly Call[], faults: readonly Fault[]) => number;

const FROZEN = "frozen ";

/** As the history tells that a member stands still. */
export const frozenName = (member: string): string => `${FROZEN}${member}`;

/** Silent agents are late on any day; these held their lease when their process was frozen, and handed over after it was thawed. */
export const lateOfFrozen: CountLate = (calls, faults) => {
  const spans = frozenSpans(faults);
  const claimed = new Map(
    named(calls, "claim").flatMap(({ end }) =>
      end.type === "ok" && end.answer.lease ? [[end.answer.lease.lease_id, end.at] as const] : [],
    ),
  );
  const late = named(calls, "complete").filter(({ end }) => end.type === "fail" && end.status === 410);
  return late.filter(({ actor, invoked_at, operation }) => {
    const claimed_at = claimed.get(operation.lease_id) ?? Number.POSITIVE_INFINITY;
    return spans.some(({ member, from, to }) => member === actor && claimed_at < from && invoked_at > to);
  }).length;
};

interface Span {
  member: string;
  from: number;
  to: number;
}

/** One that was never thawed hands nothing over. */
function frozenSpans(faults: readonly Fault[]): Span[] {
  const begun = new Map<string, number>();
  return faults.flatMap(({ fault, phase, at }) => {
    if (!fault.startsWith(FROZEN)) return [];
    if (phase === "begin") begun.set(fault, at);
    const from = begun.get(fault);
    return phase === "end" && from !== undefined ? [{ member: fault.slice(FROZEN.length), from, to: at }] : [];
  });
}
