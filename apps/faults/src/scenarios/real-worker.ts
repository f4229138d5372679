/** The real workers under kill -9: git worktrees, a scripted command as the agent, tests, scans, and branches that hold what was accepted. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { TaskView } from "@baton/domain/api";
import { eventSequence } from "../checker/invariants/event-sequence.ts";
import { existsAndEnds } from "../checker/invariants/exists-and-ends.ts";
import { limitsHold } from "../checker/invariants/limits.ts";
import { oneResultPerVisit } from "../checker/invariants/one-result.ts";
import { outboxIsEvents } from "../checker/invariants/outbox.ts";
import { readEvidence } from "../checker/read-evidence.ts";
import { watchTickets } from "../checker/watch.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { startCluster } from "../cluster/start.ts";
import { accidentsOf, slowReturns } from "../faults/accidents.ts";
import { chanceOf } from "../faults/chance.ts";
import { killAtRandom } from "../faults/members.ts";
import { openHistory } from "../history/write.ts";
import type { Outcome, Round, Scenario, Violation } from "../scenario.ts";
import { makeRepository, type TestRepository } from "../workload/repository.ts";
import { openWorkload, type Workload } from "../workload/workload.ts";

const TASKS = { short: 4, long: 40 };
const KILLS = { short: 5, long: 120 };
const END_S = { short: 120, long: 900 };

/** What needs no word of the workers: they tell no history. */
const INVARIANTS = [existsAndEnds, eventSequence, oneResultPerVisit, limitsHold, outboxIsEvents];

/** The agent: a file for its task, and time to be killed in. */
const DEV = 'echo "$BATON_TASK_ID" > "$BATON_TASK_ID.txt"; sleep 1';
const SETTINGS = {
  commands: { dev: { run: DEV, timeout_s: 60 } },
  test_command: "sleep 0.3; ls *.txt",
  limits: { rejections: 3, attempts: 100, crashes: 100 },
};

export const realWorker: Scenario = {
  name: "real-worker",
  promise: "kill -9 of real workers loses no task, and every accepted result is on its branch",
  run: async (round) => {
    const [history_folder, data] = [join(round.folder, "history"), join(round.folder, "data")];
    for (const folder of [history_folder, data]) mkdirSync(folder, { recursive: true });
    const repository = await makeRepository(join(round.folder, "repository"));
    const begun = performance.now();
    const cluster = await startCluster({
      ...{ log_folder: join(round.folder, "logs"), programs: { worker: "apps/worker/src/main.ts" }, seed: round.seed },
      ...{ apis: 1, env: () => ({ BATON_LEASE_S: "3", BATON_CONCURRENCY: "2", BATON_DATA_DIR: data }) },
    });
    const start_s = (performance.now() - begun) / 1_000;
    const history = openHistory(join(history_folder, "scenario.jsonl"), "scenario");
    try {
      await watchTickets(cluster.database_url);
      const place = { settings: SETTINGS, repository_url: repository.path };
      const work = await openWorkload(cluster, { history, tell: round.tell, ...place });
      const outcome = await underKills(round, { cluster, work, repository, start_s, history });
      await work.close();
      return outcome;
    } finally {
      history.close();
      await cluster.stop();
    }
  },
};

interface Scene {
  cluster: Cluster;
  work: Workload;
  repository: TestRepository;
  start_s: number;
  history: ReturnType<typeof openHistory>;
}

async function underKills(round: Round, { cluster, work, repository, start_s, history }: Scene): Promise<Outcome> {
  const run_id = await work.submit("brisk", TASKS[round.form]);
  const schedule = { history, name: "kill -9", times: KILLS[round.form], every_ms: [1_000, 2_000] as const };
  const killed = await killAtRandom({ ...schedule, chance: chanceOf(round.seed) }, cluster.of("worker"));
  round.tell(`${killed.injected} of ${killed.planned} workers killed; waiting for the end`);
  const tail_s = await work.allEnded(END_S[round.form]);
  const evidence = await readEvidence({ database_url: cluster.database_url, redis_url: cluster.redis_url });
  const tasks = await work.tasksOf(run_id);
  return {
    ...{ planned: killed.planned, injected: killed.injected },
    violations: [
      ...INVARIANTS.flatMap((invariant) => invariant([], evidence)),
      ...(await leftInGit(repository, tasks)),
      ...slowReturns(killed.back_ms, start_s),
      ...accidentsOf(cluster),
    ],
    figures: {
      tasks: tasks.length,
      back_max_s: Math.max(...killed.back_ms) / 1_000,
      crashes: evidence.lives.flatMap(({ events }) => events.filter(({ type }) => type === "expired")).length,
      ...(tail_s !== null && { tail_s }),
    },
  };
}

async function leftInGit({ git, base }: TestRepository, tasks: readonly TaskView[]): Promise<Violation[]> {
  const wrong: string[] = [];
  if ((await git("rev-parse", "main")) !== base) wrong.push("main has moved");
  if ((await git("status", "--porcelain")) !== "") wrong.push("the working tree of the user has changed");
  await git("fsck", "--strict").catch((error: Error) => wrong.push(`git fsck: ${error.message}`));
  for (const { id, title, state, branch } of tasks) {
    if (state !== "completed") wrong.push(`${title} (${id}) is ${state}`);
    const said = await git("show", `${branch}:${id}.txt`).catch((error: Error) => error.message);
    if (said !== id) wrong.push(`branch ${branch} does not hold the work of its task: ${said}`);
  }
  return wrong.map((detail) => ({
    invariant: "accepted results are on their branches, and nothing else moves",
    detail,
  }));
}
