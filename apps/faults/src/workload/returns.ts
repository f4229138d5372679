/** Whether processes that were killed are back soon enough: nearly all within the limit, and none much later. */
import type { Violation } from "../scenario.ts";

/** From the issue. */
const BACK_MS = 3_000;
/** The machine does other things too: from so many returns on one may be late, and then one in so many. */
const [ENOUGH_FOR_ONE, ENOUGH_FOR_SHARE] = [20, 100];
/** How much longer those may take. */
const LATE = 2;

/** The limit is 3 s; where the machine is so busy that all of them together took longer to start, that. */
export function slowReturns(back_ms: readonly number[], start_s: number): Violation[] {
  const limit_ms = Math.max(BACK_MS, start_s * 1_000);
  const late = back_ms.filter((ms) => ms > limit_ms);
  const longest_ms = Math.max(0, ...back_ms);
  if (late.length <= allowed(back_ms.length) && longest_ms <= LATE * limit_ms) return [];
  const detail =
    `${late.length} of ${back_ms.length} were back after more than ${Math.round(limit_ms)} ms, ` +
    `the last of them after ${Math.round(longest_ms)} ms; ${allowance(back_ms.length, limit_ms)}`;
  return [{ invariant: "each process is back within 3 s", detail }];
}

/** From a hundred on: the 99th percentile is within the limit. */
function allowed(returns: number): number {
  if (returns < ENOUGH_FOR_ONE) return 0;
  return Math.max(1, Math.floor(returns / ENOUGH_FOR_SHARE));
}

function allowance(returns: number, limit_ms: number): string {
  if (returns < ENOUGH_FOR_ONE) return `of fewer than ${ENOUGH_FOR_ONE} none may be late`;
  const who = returns < ENOUGH_FOR_SHARE ? "one" : "one in a hundred";
  return `${who} may be, up to ${Math.round(LATE * limit_ms)} ms`;
}
