/** What nobody meant: processes that end by themselves, and processes that take long to come back. */
import type { Cluster } from "../cluster/cluster.ts";
import type { Violation } from "../scenario.ts";

export function accidentsOf({ accidents }: Cluster): Violation[] {
  return accidents.map((detail) => ({ invariant: "no process ends by itself", detail }));
}

/** From the issue. */
const BACK_MS = 3_000;

/** Within 3 s; where the machine is so busy that all of them together took longer to start, within that. */
export function slowReturns(back_ms: readonly number[], start_s: number): Violation[] {
  const limit = Math.max(BACK_MS, start_s * 1_000);
  return back_ms
    .filter((ms) => ms > limit)
    .map((ms) => ({ invariant: "each process is back within 3 s", detail: `one was back after ${Math.round(ms)} ms` }));
}
