/** Runs are killed, paused and resumed while their results are on the way to a slow database. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type Ground, underWork } from "../workload/under-work.ts";

const RUNS = { short: 6, long: 200 };
const BRISK = 12;
const SLOW = 6;
const LATENCY_MS = 30;
const PAUSED_MS = 500;

export const stops = underWork({
  name: "stops",
  shares: true,
  promise: "nothing is claimed or accepted after a kill was acknowledged, and nothing claimed while a run is paused",
  recovers: false,
  in_flight: 0,
  settings: { separation: "off" },
  fault: async (ground) => {
    const { round, cluster, work } = ground;
    cluster.ways.postgres.slow(LATENCY_MS, LATENCY_MS);
    let injected = 0;
    for (let i = 0; i < RUNS[round.form]; i += 1) {
      const run_id = await work.submit(i % 2 === 0 ? "brisk" : "slow", i % 2 === 0 ? BRISK : SLOW);
      // Long enough for leases to be given; brisk results are on their way at any moment then.
      await someAreLeased(ground, run_id);
      await stop(ground, "pause", run_id);
      await pause(PAUSED_MS);
      await stop(ground, "resume", run_id);
      await someAreLeased(ground, run_id);
      injected += (await stop(ground, "kill", run_id)) ? 1 : 0;
    }
    // A brisk run may be over before its kill.
    return { planned: RUNS[round.form] / 2, injected, violations: [], figures: {} };
  },
});

const LOOK_MS = 50;
const LOOKS = 200;

async function someAreLeased({ work: { desk } }: Ground, run_id: string): Promise<void> {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const sent = await desk.settle({
      operation: null,
      call: (client, signal) => client.call("listTasks", { query: { run_id, state: "running" }, signal }),
    });
    if (sent?.type === "ok" && sent.value.items.length > 0) return;
    await pause(LOOK_MS);
  }
}

const VERBS = { pause: "pauseRun", resume: "resumeRun", kill: "killRun" } as const;

/** True when it was acknowledged. A run that is over already refuses. */
async function stop({ work: { desk } }: Ground, op: keyof typeof VERBS, run_id: string): Promise<boolean> {
  const key = randomUUID();
  const sent = await desk.settle({
    operation: { op, run_id, key },
    call: (client, signal) => client.call(VERBS[op], { params: { id: run_id }, idempotency_key: key, signal }),
  });
  return sent?.type === "ok";
}
