/** The real workers under kill -9: git worktrees, a scripted command as the agent, tests, scans, and branches that hold what was accepted. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { allOrNothing } from "../checker/invariants/all-or-nothing.ts";
import { artifactsHold } from "../checker/invariants/artifacts.ts";
import { eventSequence } from "../checker/invariants/event-sequence.ts";
import { existsAndEnds } from "../checker/invariants/exists-and-ends.ts";
import { oneLeaseAtATime } from "../checker/invariants/leases.ts";
import { limitsHold } from "../checker/invariants/limits.ts";
import { oneResultPerVisit } from "../checker/invariants/one-result.ts";
import { outboxIsEvents } from "../checker/invariants/outbox.ts";
import { readEvidence } from "../checker/read-evidence.ts";
import { watchTickets } from "../checker/watch.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { startCluster } from "../cluster/start.ts";
import { accidentsOf } from "../faults/accidents.ts";
import { chanceOf } from "../faults/chance.ts";
import { killAtRandom } from "../faults/members.ts";
import { callsOf, readEntries } from "../history/read.ts";
import { openHistory } from "../history/write.ts";
import type { Outcome, Round, Scenario, Violation } from "../scenario.ts";
import { leftInGit } from "../workload/left-in-git.ts";
import { makeRepository, type TestRepository } from "../workload/repository.ts";
import { slowReturns } from "../workload/returns.ts";
import { tasksOfRun } from "../workload/tasks-of-run.ts";
import { openWorkload, type Workload } from "../workload/workload.ts";

const TASKS = { short: 4, long: 40 };
const KILLS = { short: 5, long: 120 };
/** Of the kills so many must have taken a lease from somebody: one of an idle worker shows nothing. */
const CUT_OFF = { short: 1, long: 20 };
/** Where chance has met idle ones only, some more are killed. */
const MORE = 5;
/** A lease of 3 s, and a rescuer that comes every two. */
const NOTICED_MS = 6_000;
const CONCURRENCY = 2;
const END_S = { short: 120, long: 900 };

/** What needs no word of the workers: they tell no history. Of what the scenario itself has sent there is one. */
const INVARIANTS = [
  ...[existsAndEnds, eventSequence, oneLeaseAtATime, oneResultPerVisit, allOrNothing],
  ...[limitsHold, outboxIsEvents, artifactsHold],
];

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
      ...{ apis: 1, env: () => ({ BATON_LEASE_S: "3", BATON_CONCURRENCY: String(CONCURRENCY), BATON_DATA_DIR: data }) },
    });
    const start_s = (performance.now() - begun) / 1_000;
    const history = openHistory(join(history_folder, "scenario.jsonl"), "scenario");
    let work: Workload | undefined;
    try {
      await watchTickets(cluster.database_url);
      const place = { settings: SETTINGS, repository_url: repository.path };
      work = await openWorkload(cluster, { history, tell: round.tell, ...place });
      return await underKills(round, { cluster, work, repository, start_s, history, history_folder, data });
    } finally {
      await work?.close();
      await cluster.stop();
      history.close();
    }
  },
};

interface Scene {
  cluster: Cluster;
  work: Workload;
  repository: TestRepository;
  start_s: number;
  history: ReturnType<typeof openHistory>;
  history_folder: string;
  data: string;
}

async function underKills(round: Round, scene: Scene): Promise<Outcome> {
  const { cluster, work, repository, start_s, history, history_folder, data } = scene;
  const enough = keepWorking(work, TASKS[round.form]);
  const schedule = { history, name: "kill -9", times: KILLS[round.form], every_ms: [1_000, 2_000] as const };
  const chance = chanceOf(round.seed);
  const cut_off = CUT_OFF[round.form];
  const killed = await killAtRandom({ ...schedule, chance }, cluster.of("worker"));
  for (let more = 0; more < MORE && ((await work.meter.expired())?.rescued ?? 0) < cut_off; more += 1) {
    const again = await killAtRandom({ ...schedule, times: 1, chance }, cluster.of("worker"));
    killed.back_ms.push(...again.back_ms);
    await pause(NOTICED_MS);
  }
  await enough();
  round.measured();
  round.tell(`${killed.injected} of ${killed.planned} workers killed; waiting for the end`);
  const tail_s = await work.allEnded(END_S[round.form]);
  const { database_url, redis_url } = cluster;
  const evidence = await readEvidence({ database_url, redis_url, store_folder: join(data, "artifacts") });
  const calls = callsOf(readEntries(history_folder));
  const tasks = (await Promise.all(work.run_ids.map((run_id) => tasksOfRun(work.desk, run_id)))).flat();
  const git = await leftInGit(repository, tasks, evidence.lives);
  const crashes = evidence.lives.flatMap(({ events }) => events.filter(({ type }) => type === "expired")).length;
  return {
    ...{ planned: killed.planned + cut_off, injected: killed.injected + Math.min(cut_off, crashes) },
    violations: [
      ...INVARIANTS.flatMap((invariant) => invariant(calls, evidence)),
      ...git.violations,
      ...tooManyBehind(cluster, git.behind),
      ...slowReturns(killed.back_ms, start_s),
      ...accidentsOf(cluster),
    ],
    figures: {
      ...{ tasks: tasks.length, back_max_s: Math.max(...killed.back_ms) / 1_000, crashes, behind: git.behind },
      ...(tail_s !== null && { tail_s }),
    },
  };
}

const LOOK_MS = 100;

/** There is something to be killed over at any time, until the way to stop is called. */
function keepWorking({ meter, submit }: Workload, in_flight: number): () => Promise<void> {
  let over = false;
  const busy = (async () => {
    while (!over) {
      const open = (await meter.read())?.open ?? in_flight;
      if (open < in_flight) await submit("brisk", in_flight - open);
      else await pause(LOOK_MS);
    }
  })();
  return () => {
    over = true;
    return busy;
  };
}

/** Only a death of the last stage's worker leaves a branch behind, and no more of them than it had tasks in its hands. */
function tooManyBehind(cluster: Cluster, behind: number): Violation[] {
  const deaths = (cluster.of("worker").at(-1)?.lives ?? 1) - 1;
  if (behind <= deaths * CONCURRENCY) return [];
  const detail = `${behind} are behind, the last stage's worker died ${deaths} times`;
  return [{ invariant: "a branch is left behind only by a worker that dies", detail }];
}
