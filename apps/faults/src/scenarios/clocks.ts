/** The clocks of all processes but the database's are off: by two hours in either direction, the API's by five minutes. */

import { clockOff } from "../clocks/skew.ts";
import type { Who } from "../cluster/start.ts";
import { underWork } from "../workload/under-work.ts";

const HOURS_MS = 2 * 3_600_000;
const MINUTES_MS = 5 * 60_000;
const TASKS = { short: 20, long: 500 };

/** Every other one of a kind is ahead, the others are behind. */
function skewOf({ kind, index }: Who): number {
  return (index % 2 === 0 ? 1 : -1) * (kind === "api" ? MINUTES_MS : HOURS_MS);
}

export const clocks = underWork({
  name: "clocks",
  promise: "only the database's clock decides when a lease is over",
  cluster: { env: (who) => clockOff(skewOf(who)) },
  recovers: false,
  in_flight: 0,
  fault: async ({ round, cluster, work }) => {
    await work.submit("slow", TASKS[round.form] / 4);
    await work.submit("plain", TASKS[round.form]);
    await work.allEnded(round.form === "short" ? 120 : 1_200);
    const off = cluster.members.length;
    return { planned: off, injected: off, violations: [], figures: {} };
  },
});
