/** Agents and workers stand still for longer than their leases, and then go on as if nothing had happened: what they hand over is too late. */
import { setTimeout as pause } from "node:timers/promises";
import type { Member } from "../cluster/cluster.ts";
import type { Act } from "../faults/act.ts";
import { strikes } from "../faults/strike.ts";
import type { History } from "../history/write.ts";
import { frozenName, lateOfFrozen } from "../workload/late.ts";
import { underWork } from "../workload/under-work.ts";

const TIMES = { short: 1, long: 30 };
/** A lease over HTTP lives for 5 s, the rescuer comes every 2 s. */
const LASTS_MS = 8_000;
const SLOW = 16;
/** Until they are in somebody's hands. */
const TAKEN_MS = 2_000;

export const freezing: Act = {
  name: "freeze",
  run: async ({ round, cluster, history, work }) => {
    const [agents, workers] = [cluster.of("agents"), cluster.of("worker")];
    const schedule = { history, name: "freeze", times: TIMES[round.form], every_ms: 200 };
    const struck = await strikes(schedule, async (i) => {
      // Work of some seconds, kept alive by heartbeats: whoever is frozen is in the middle of it.
      await work.submit("slow", SLOW, 10);
      await pause(TAKEN_MS);
      await freezeAll(history, [turn(agents, i), turn(workers, i)]);
    });
    // Time for what was late to be handed over.
    await pause(1_000);
    return { ...struck, violations: [], figures: {} };
  },
};

/** Refusals that a form must bring: of results that were in the hands of a process when it was frozen. Eight or nine came of each freeze. */
export const LATE = { short: 3, long: 60, of: lateOfFrozen };

export const freeze = underWork({
  name: "freeze",
  promise: "who was frozen past its lease and goes on is refused",
  forms: ["long"],
  recovers: false,
  late: LATE,
  fault: freezing.run,
});

function turn(members: readonly Member[], i: number): Member {
  const member = members[i % members.length];
  if (member?.pid === undefined) throw new Error("there is nobody to freeze");
  return member;
}

/** Each is told before its signal: what was claimed before the beginning is held all through, and nothing is said until after the end. */
async function freezeAll(history: History, members: readonly Member[]): Promise<void> {
  for (const member of members) {
    history.fault(frozenName(member.name), "begin");
    member.freeze();
  }
  await pause(LASTS_MS);
  for (const member of members) {
    history.fault(frozenName(member.name), "end");
    member.thaw();
  }
}
