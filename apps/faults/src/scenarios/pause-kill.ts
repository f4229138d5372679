/** Runs are paused, resumed and killed at random while agents claim, work and hand over. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Act } from "../faults/act.ts";
import { chanceOf, oneOf } from "../faults/chance.ts";
import { strikes } from "../faults/strike.ts";
import { type Ground, underWork } from "../workload/under-work.ts";

const TIMES = { short: 12, long: 1_000 };
const KILLED_SHARE = 0.25;
/** Runs from which one is drawn: the newest, most of which are open. */
const NEWEST = 4;
/** How long one is looked for that is open. */
const LOOK_MS = 20_000;

export const pausing: Act = {
  name: "pause",
  run: async ({ round, history, work }) => {
    const chance = chanceOf(round.seed);
    const resumed: Promise<unknown>[] = [];
    const schedule = {
      history,
      name: "pause or kill",
      times: TIMES[round.form],
      every_ms: [200, 700] as const,
      chance,
    };
    const struck = await strikes(schedule, async () => {
      const kills = chance() < KILLED_SHARE;
      const lasts_ms = 300 + 1_500 * chance();
      for (const begun = performance.now(); performance.now() - begun < LOOK_MS; await pause(100)) {
        const run_id = oneOf(chance, work.run_ids.slice(-NEWEST));
        if (!(await control(work, kills ? "kill" : "pause", run_id))) continue;
        if (!kills) resumed.push(later(lasts_ms, () => control(work, "resume", run_id)));
        return;
      }
      throw new Error("no run was open");
    });
    await Promise.all(resumed);
    return { ...struck, violations: [], figures: {} };
  },
};

export const pauseKill = underWork({
  name: "pause-kill",
  promise: "a paused run gives out nothing, a killed one takes nothing, and the rest comes through",
  forms: ["long"],
  recovers: false,
  fault: pausing.run,
});

const ROUTES = { pause: "pauseRun", resume: "resumeRun", kill: "killRun" } as const;

/** Whoever waits for it hears what went wrong. Until then it must not end the process. */
function later<T>(ms: number, work: () => Promise<T>): Promise<T> {
  const done = pause(ms).then(work);
  done.catch(() => {});
  return done;
}

/** False when the run was closed already. */
async function control({ desk }: Ground["work"], op: keyof typeof ROUTES, run_id: string): Promise<boolean> {
  const idempotency_key = randomUUID();
  const sent = await desk.settle<unknown>({
    operation: { op, run_id, key: idempotency_key },
    call: (client, signal) => client.call(ROUTES[op], { params: { id: run_id }, body: {}, idempotency_key, signal }),
  });
  return sent?.type === "ok";
}
