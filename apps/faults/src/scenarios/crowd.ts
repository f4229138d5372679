/** A crowd of agents fights for the few leases that a project may give at once. */
import { setTimeout as pause } from "node:timers/promises";
import { claimByHand, finishByHand, releaseByHand } from "../workload/by-hand.ts";
import { underWork } from "../workload/under-work.ts";

const LASTS_MS = { short: 8_000, long: 120_000 };
const CROWD = 16;
const ROOM = 3;
const TASKS = 10;
const HELD_MS = 150;
const FINISHERS = 3;

export const crowd = underWork({
  name: "crowd",
  promise: "a project never gives more leases at once than it may",
  agents: { processes: 0, each: 1 },
  cluster: { apis: 2, directors: 1, workers: 0 },
  recovers: false,
  in_flight: 0,
  settings: { separation: "off", concurrency: { total: ROOM } },
  fault: async ({ round, work }) => {
    await work.submit("brisk", TASKS);
    const until = performance.now() + LASTS_MS[round.form];
    let given = 0;
    const fight = async (name: string) => {
      while (performance.now() < until) {
        const held = await claimByHand(work.desk, name);
        if (held === null) continue;
        given += 1;
        await pause(HELD_MS);
        await releaseByHand(work.desk, held);
      }
    };
    await Promise.all(Array.from({ length: CROWD }, (_, i) => fight(`crowd-${i + 1}`)));
    const stop = finishByHand(work.desk, FINISHERS, round.seed);
    await work.allEnded(100);
    await stop();
    return { planned: CROWD, injected: given, violations: [], figures: { leases: given } };
  },
});
