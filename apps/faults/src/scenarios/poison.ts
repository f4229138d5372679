/** Tasks that kill whichever process takes them: parked after exactly three crashes, and all others come through. */
import type { Violation } from "../scenario.ts";
import { tasksOfRun } from "../workload/tasks-of-run.ts";
import { type Ground, underWork } from "../workload/under-work.ts";

const [POISON, OTHERS] = [
  { short: 2, long: 10 },
  { short: 30, long: 500 },
];
const CRASHES = 3;
const END_S = { short: 150, long: 600 };

export const poison = underWork({
  name: "poison",
  shares: true,
  promise: "a task that kills its agent is parked after exactly 3 crashes and harms no other",
  recovers: false,
  deadly: true,
  in_flight: 0,
  settings: { limits: { rejections: 3, attempts: 100, crashes: CRASHES } },
  // One task at a time in each process: who dies takes nobody with it.
  agents: { processes: 3, each: 1 },
  cluster: { env: () => ({ BATON_CONCURRENCY: "1" }) },
  fault: async ({ round, cluster, history, work }) => {
    const planned = POISON[round.form] * CRASHES;
    history.fault("poison", "begin");
    const run_id = await work.submit("poison", POISON[round.form]);
    await work.submit("brisk", OTHERS[round.form]);
    await work.allEnded(END_S[round.form]);
    history.fault("poison", "end");
    const injected = cluster.accidents.length;
    const detail = `${injected} processes died of ${POISON[round.form]} poisoned tasks`;
    const violations = injected > planned ? [{ invariant: "parked after exactly 3 crashes", detail }] : [];
    return { planned, injected, violations: [...violations, ...(await poisoned(work, run_id))], figures: {} };
  },
});

/** As the API tells it: the poisoned are failed with three crashes, the others completed. */
async function poisoned({ desk, run_ids, task_ids }: Ground["work"], poison_run: string): Promise<Violation[]> {
  const tasks = (await Promise.all(run_ids.map((run_id) => tasksOfRun(desk, run_id)))).flat();
  const unseen = task_ids.length - new Set(tasks.map(({ id }) => id)).size;
  if (unseen !== 0) return [{ invariant: "all others complete", detail: `${unseen} tasks are in no list` }];
  return tasks.flatMap(({ id, run_id, title, state, crashes }) => {
    if (run_id !== poison_run) return state === "completed" ? [] : [wrong("others", `${title} (${id}) is ${state}`)];
    if (state === "failed" && crashes === CRASHES) return [];
    return [wrong("poisoned", `${title} (${id}) is ${state} after ${crashes} crashes`)];
  });
}

function wrong(who: "others" | "poisoned", detail: string): Violation {
  const invariant = who === "others" ? "all others complete" : "parked after exactly 3 crashes";
  return { invariant, detail };
}
