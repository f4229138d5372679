/** A slow way, silent agents and two rescuers: late results, stale rescues and double tickets meet each other all the time. */
import { underWork } from "../workload/under-work.ts";

const TASKS = { short: 30, long: 600 };
const STUBBORN = 3;
/** There and back. */
const LATENCY_MS = 40;

export const late = underWork({
  name: "late",
  shares: true,
  promise: "a late agent is told so and changes nothing, however slow the way to the database is",
  recovers: false,
  in_flight: 0,
  late: { short: 5, long: 100 },
  fault: async ({ round, cluster, work, history }) => {
    cluster.ways.postgres.slow(LATENCY_MS, LATENCY_MS);
    history.fault("slow way", "begin");
    // They go first: each goes round the line until its loop-backs are used up.
    await work.submit("stubborn", STUBBORN, 10);
    await work.submit("plain", TASKS[round.form]);
    await work.allEnded(round.form === "short" ? 120 : 1_200);
    history.fault("slow way", "end");
    return { planned: 1, injected: 1, violations: [], figures: {} };
  },
});
