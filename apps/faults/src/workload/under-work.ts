/** The frame of every scenario that breaks things under workload W: the cluster, the work, the fault, healing, recovery, and the checker's word. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { watchTickets } from "../checker/watch.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { clearedAfter } from "../cluster/leftovers.ts";
import { type ClusterOptions, startCluster, type Who } from "../cluster/start.ts";
import { accidentsOf } from "../faults/accidents.ts";
import { type Call, faultsOf, readEntries } from "../history/read.ts";
import { type History, openHistory } from "../history/write.ts";
import type { Outcome, Round, Scenario, Violation } from "../scenario.ts";
import { judge, type Scene } from "./judge.ts";
import type { CountLate } from "./late.ts";
import { openWorkload, type Workload, type WorkloadOptions } from "./workload.ts";

/** What a fault has in its hands while the line works. */
export interface Ground {
  round: Round;
  cluster: Cluster;
  work: Workload;
  /** For the `fault` entries. */
  history: History;
  /** Where all histories of this round lie. */
  history_folder: string;
  /** Seconds from its start until every member was ready. */
  start_s: number;
}

export interface Plan {
  name: string;
  promise: string;
  forms?: Scenario["forms"];
  shares?: Scenario["shares"];
  /** Processes of pulling agents, and agents in each; hosted workers as many as stages unless `cluster` says otherwise. */
  agents?: { processes: number; each: number };
  cluster?: Partial<Omit<ClusterOptions, "log_folder">>;
  settings?: WorkloadOptions["settings"];
  /** Tasks that are kept open while the fault lasts; 0: the scenario sends its own. */
  in_flight?: number;
  /** Whether the rate of before must be reached again within 30 s after the fault; true unless it says no. */
  recovers?: boolean;
  /** Its tasks end processes. Elsewhere none may end by itself. */
  deadly?: boolean;
  /** Resolves when the last fault is over. */
  fault: (ground: Ground) => Promise<Outcome>;
  /** What else is held against the round, after everything has ended. */
  also?: (ground: Ground, calls: readonly Call[]) => Promise<Violation[]>;
  /** Completions that must have been refused as too late; fewer: void. `of` says which of them count; left out, all do. */
  late?: { short: number; long: number; of?: CountLate };
}

const IN_FLIGHT = 40;
const AGENTS = { processes: 2, each: 6 };
/** How long all tasks may take to end after the fault. */
const END_S = { short: 120, long: 600 };
const CALM_S = 60;
const CALM_PROBES = 2;
/** From the issue: after the last fault, 80 % of the calm rate within 30 s. */
const [RECOVERY_S, RECOVERY_SHARE] = [30, 0.8];

export function underWork(plan: Plan): Scenario {
  const { name, promise, forms, shares = false } = plan;
  return { name, promise, shares, ...(forms && { forms }), run: (round) => run(plan, round) };
}

async function run(plan: Plan, round: Round): Promise<Outcome> {
  const scene: Scene = {
    history_folder: join(round.folder, "history"),
    data: join(round.folder, "data"),
    queue: plan.cluster?.queue ?? "redis",
  };
  for (const folder of [scene.history_folder, scene.data]) mkdirSync(folder, { recursive: true });
  // They end in the reverse order, whatever has happened: whoever speaks is silent before the history is closed.
  return clearedAfter(async (leftovers) => {
    const history = openHistory(join(scene.history_folder, "scenario.jsonl"), "scenario");
    leftovers.add(history.close);
    const begun = performance.now();
    const cluster = await startCluster(clusterFor(plan, round, scene));
    leftovers.add(cluster.stop);
    const start_s = (performance.now() - begun) / 1_000;
    round.tell(`the cluster is up after ${start_s.toFixed(1)} s`);
    await watchTickets(cluster.database_url);
    const work = await openWorkload(cluster, {
      ...{ history, tell: round.tell },
      ...(plan.settings && { settings: plan.settings }),
    });
    leftovers.add(work.close);
    const ground = { round, cluster, work, history, history_folder: scene.history_folder, start_s };
    const outcome = await worked(plan, ground);
    await work.close();
    return judged(plan, ground, scene, outcome);
  });
}

async function judged(plan: Plan, ground: Ground, scene: Scene, outcome: Outcome): Promise<Outcome> {
  const { calls, violations, late_refused } = await judge(ground.cluster, scene);
  const accidents = plan.deadly === true ? [] : accidentsOf(ground.cluster);
  const more = (await plan.also?.(ground, calls)) ?? [];
  const late = plan.late?.[ground.round.form] ?? 0;
  const late_counted = plan.late?.of?.(calls, faultsOf(readEntries(scene.history_folder))) ?? late_refused;
  return {
    planned: outcome.planned + late,
    injected: outcome.injected + Math.min(late, late_counted),
    violations: [...outcome.violations, ...accidents, ...violations, ...more],
    figures: { ...outcome.figures, late_refused, ...(plan.late?.of && { late_counted }) },
  };
}

function clusterFor(
  { agents = AGENTS, cluster = {} }: Plan,
  { seed, folder }: Round,
  { history_folder, data }: Scene,
): ClusterOptions {
  return {
    ...cluster,
    ...{ log_folder: join(folder, "logs"), seed, agents: agents.processes },
    env: (who: Who) => ({
      ...{ FAULTS_NAME: who.name, FAULTS_HISTORY: history_folder, FAULTS_SEED: String(seed) },
      ...{ FAULTS_AGENTS: String(agents.each), BATON_LEASE_S: "2", BATON_CONCURRENCY: "3", BATON_DATA_DIR: data },
      ...cluster.env?.(who),
    }),
  };
}

async function worked(plan: Plan, ground: Ground): Promise<Outcome> {
  const { round, work, cluster } = ground;
  const { in_flight = IN_FLIGHT, recovers = true } = plan;
  const calm = recovers ? await calmRate(work) : null;
  const enough = in_flight > 0 ? work.keepBusy(in_flight) : async () => {};
  const outcome = await plan.fault(ground);
  cluster.ways.postgres.heal();
  cluster.ways.redis.heal();
  const healed = performance.now();
  round.tell(`${outcome.injected} of ${outcome.planned} faults, ${work.task_ids.length} tasks; waiting for the end`);
  await enough();
  const back = calm === null ? null : await recovery(work, { calm, healed });
  round.measured();
  const ended_s = await work.allEnded(END_S[round.form]);
  return {
    ...outcome,
    violations: [...outcome.violations, ...(back?.violations ?? [])],
    figures: {
      tasks: work.task_ids.length,
      ...(calm !== null && { calm_per_s: calm }),
      ...back?.figures,
      ...(ended_s !== null && { tail_s: ended_s }),
      ...outcome.figures,
    },
  };
}

/** The better of two: the first one comes to processes that have only just started. */
export async function calmRate(work: Pick<Workload, "probe">): Promise<number> {
  let best = 0;
  for (let i = 0; i < CALM_PROBES; i += 1) {
    const rate = await work.probe(CALM_S);
    if (rate === null) throw new Error(`no result came within ${CALM_S} s while all was calm`);
    best = Math.max(best, rate);
  }
  return best;
}

interface Recovering {
  calm: number;
  /** When the last fault was over, on the clock of `performance`. What is waited for since then counts. */
  healed: number;
}

export async function recovery(
  work: Pick<Workload, "probe">,
  { calm, healed }: Recovering,
): Promise<Pick<Outcome, "violations" | "figures">> {
  const so_far = () => (performance.now() - healed) / 1_000;
  let best = 0;
  while (best < RECOVERY_SHARE * calm && so_far() < RECOVERY_S) {
    best = Math.max(best, (await work.probe(RECOVERY_S - so_far())) ?? 0);
  }
  const figures = { back_after_s: so_far(), back_per_s: best };
  if (best >= RECOVERY_SHARE * calm) return { figures, violations: [] };
  const detail = `${best.toFixed(1)} results a second at best, ${calm.toFixed(1)} when it was calm`;
  return { figures, violations: [{ invariant: "back to 80 % of the calm rate within 30 s", detail }] };
}
