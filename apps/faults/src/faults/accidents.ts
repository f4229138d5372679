/** What nobody meant: processes that end by themselves. */
import type { Cluster } from "../cluster/cluster.ts";
import type { Violation } from "../scenario.ts";

export function accidentsOf({ accidents }: Cluster): Violation[] {
  return accidents.map((detail) => ({ invariant: "no process ends by itself", detail }));
}
