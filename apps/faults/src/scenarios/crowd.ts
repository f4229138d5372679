/** A crowd of agents fights for the few leases that a project may give at once, in all and in each stage. */
import { setTimeout as pause } from "node:timers/promises";
import { claimByHand, finishByHand, type HeldByHand, passByHand, releaseByHand } from "../workload/by-hand.ts";
import { type Ground, underWork } from "../workload/under-work.ts";

const LASTS_MS = { short: 8_000, long: 120_000 };
const CROWD = 16;
/** Only with tasks in two stages all of it can be taken. */
const ROOM = { total: 3, dev: 2, qa: 2 };
const STAGE_ROOM = ROOM.dev;
const TASKS = 10;
const HELD_MS = 150;
const FINISHERS = 3;

export const crowd = underWork({
  name: "crowd",
  shares: true,
  promise: "a project never gives more leases at once than it may, in all or in a stage",
  agents: { processes: 0, each: 1 },
  cluster: { apis: 2, directors: 1, workers: 0 },
  recovers: false,
  in_flight: 0,
  settings: { separation: "off", concurrency: ROOM },
  fault: async ({ round, work }) => {
    await work.submit("brisk", TASKS);
    await passHalf(work);
    const until = performance.now() + LASTS_MS[round.form];
    const held = new Set<HeldByHand>();
    const most = { total: 0, stage: 0 };
    let given = 0;
    const fight = async (name: string) => {
      while (performance.now() < until) {
        const mine = await claimByHand(work.desk, name);
        if (mine === null) continue;
        held.add(mine);
        given += 1;
        most.total = Math.max(most.total, held.size);
        most.stage = Math.max(most.stage, [...held].filter(({ stage }) => stage === mine.stage).length);
        await pause(HELD_MS);
        held.delete(mine);
        await releaseByHand(work.desk, mine);
      }
    };
    await Promise.all(Array.from({ length: CROWD }, (_, i) => fight(`crowd-${i + 1}`)));
    const stop = finishByHand(work.desk, FINISHERS, round.seed);
    await work.allEnded(100);
    await stop();
    // A limit that nobody ran into was not tried. Whether one was exceeded, the checker says.
    return {
      planned: CROWD + ROOM.total + STAGE_ROOM,
      injected: Math.min(given, CROWD) + Math.min(most.total, ROOM.total) + Math.min(most.stage, STAGE_ROOM),
      violations: [],
      figures: { leases: given, most_at_once: most.total, most_in_a_stage: most.stage },
    };
  },
});

async function passHalf({ desk }: Ground["work"]): Promise<void> {
  for (let i = 0; i < TASKS / 2; i += 1) {
    const held = await claimByHand(desk, "first", ["dev"]);
    if (held !== null) await passByHand(desk, held);
  }
}
