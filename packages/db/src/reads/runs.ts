/** Reading runs and how far they are. */
import type { RunState } from "@baton/domain";
import type { Db } from "../client.ts";
import { and, desc, eq, lt, sql } from "../drizzle.ts";
import type { Page } from "../projects.ts";
import type { RunRow } from "../runs.ts";
import { attempts, runs, task_specs, tasks } from "../schema/index.ts";

export async function findRun(db: Db, workspace_id: string, id: string): Promise<RunRow | null> {
  const [row] = await db.orm
    .select()
    .from(runs)
    .where(and(eq(runs.workspace_id, workspace_id), eq(runs.id, id)));
  return row ?? null;
}

export interface RunFilter {
  project_id?: string | undefined;
  feature_id?: string | undefined;
  state?: RunState | undefined;
}

export async function pageOfRuns(db: Db, workspace_id: string, page: Page, filter: RunFilter): Promise<RunRow[]> {
  return db.orm
    .select()
    .from(runs)
    .where(
      and(
        eq(runs.workspace_id, workspace_id),
        page.before === null ? undefined : lt(runs.id, page.before),
        filter.project_id === undefined ? undefined : eq(runs.project_id, filter.project_id),
        filter.feature_id === undefined ? undefined : eq(runs.feature_id, filter.feature_id),
        filter.state === undefined ? undefined : eq(runs.state, filter.state),
      ),
    )
    .orderBy(desc(runs.id))
    .limit(page.limit);
}

/** How many of the run's tasks stand where, in which state. */
export async function countPlaces(db: Db, run_id: string) {
  return db.orm
    .select({ stage: tasks.stage, state: tasks.state, count: sql<number>`count(*)::int` })
    .from(tasks)
    .where(eq(tasks.run_id, run_id))
    .groupBy(tasks.stage, tasks.state);
}

export async function blockedTasks(db: Db, run_id: string) {
  return db.orm
    .select({
      task_id: tasks.id,
      title: task_specs.title,
      kind: tasks.block_kind,
      reason: tasks.block_reason,
      until: tasks.block_until,
    })
    .from(tasks)
    .innerJoin(task_specs, eq(task_specs.task_id, tasks.id))
    .where(and(eq(tasks.run_id, run_id), eq(tasks.state, "blocked")))
    .orderBy(tasks.id)
    .limit(200);
}

/** What all attempts of the run's tasks cost, ended or not; zeros when none has said anything. */
export async function runCost(db: Db, run_id: string) {
  const [sum] = await db.orm
    .select({
      tokens_in: sql<number>`coalesce(sum(${attempts.tokens_in}), 0)::bigint`,
      tokens_out: sql<number>`coalesce(sum(${attempts.tokens_out}), 0)::bigint`,
      cost_usd: sql<string>`coalesce(sum(${attempts.cost_usd}), 0)::numeric(38, 6)::text`,
    })
    .from(attempts)
    .innerJoin(tasks, eq(tasks.id, attempts.task_id))
    .where(eq(tasks.run_id, run_id));
  return {
    tokens_in: Number(sum?.tokens_in ?? 0),
    tokens_out: Number(sum?.tokens_out ?? 0),
    cost_usd: sum?.cost_usd ?? "0.000000",
  };
}
