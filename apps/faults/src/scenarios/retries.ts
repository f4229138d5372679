/** Retries whose tickets fall due in the opposite order of their numbers: a relay that remembers how far it came leaves some behind. */

import { claimByHand, failByHand, finishByHand } from "../workload/by-hand.ts";
import { underWork } from "../workload/under-work.ts";

const TASKS = { short: 16, long: 400 };
/** The first to fail waits for so long, the last not at all. */
const LONGEST_S = 6;
const FINISHERS = 4;

export const retries = underWork({
  name: "retries",
  shares: true,
  promise: "each retry gets its ticket when it is due, in whatever order they were written",
  agents: { processes: 0, each: 1 },
  cluster: { apis: 1, directors: 1, workers: 0 },
  recovers: false,
  in_flight: 0,
  settings: { separation: "off" },
  fault: async ({ round, work }) => {
    const tasks = TASKS[round.form];
    await work.submit("brisk", tasks);
    let injected = 0;
    for (let i = 0; i < tasks; i += 1) {
      const held = await claimByHand(work.desk, "failing");
      if (held === null) continue;
      await failByHand(work.desk, held, LONGEST_S * (1 - (i + 1) / tasks));
      injected += 1;
    }
    const stop = finishByHand(work.desk, FINISHERS, round.seed);
    await work.allEnded(100);
    await stop();
    // The first retry may be due before the last task is claimed; it is claimed again then.
    return { planned: tasks / 2, injected, violations: [], figures: { failed: injected } };
  },
});
