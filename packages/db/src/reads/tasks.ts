/** Reading tasks: one, a page, the ready ones in claim order, and the texts that belong to them. */
import { IDLE_MINUTES, type Stage, type TaskState } from "@baton/domain";
import type { Db } from "../client.ts";
import { and, asc, desc, eq, inArray, lt, sql } from "../drizzle.ts";
import type { Page } from "../projects.ts";
import type { TaskRow } from "../rows.ts";
import { attempts, projects, task_dependencies, task_specs, tasks } from "../schema/index.ts";
import { statement } from "../statements.ts";

export type SpecRow = typeof task_specs.$inferSelect;

/** A task with its texts and the ids of the tasks it depends on. */
export interface WholeTask {
  task: TaskRow;
  spec: SpecRow;
  depends_on: string[];
}

const depends_on = sql<string[]>`array(
  select ${task_dependencies.depends_on_id} from ${task_dependencies} where ${task_dependencies.task_id} = ${tasks.id} order by 1
)`;

function whole(db: Db) {
  return db.orm
    .select({ task: tasks, spec: task_specs, depends_on })
    .from(tasks)
    .innerJoin(task_specs, eq(task_specs.task_id, tasks.id));
}

/** The task with the database's clock, as a decision needs them. */
export async function findTask(db: Db, workspace_id: string, id: string): Promise<{ row: TaskRow; now: Date } | null> {
  const [found] = await db.orm
    .select({ row: tasks, now: sql`now()`.mapWith(tasks.created_at) })
    .from(tasks)
    .where(and(eq(tasks.workspace_id, workspace_id), eq(tasks.id, id)));
  return found ?? null;
}

/** Open tasks of a run, locked in the order of their ids until the transaction ends. */
export async function lockOpenTasks(tx: Db, run_id: string, limit: number): Promise<TaskRow[]> {
  return tx.orm
    .select()
    .from(tasks)
    .where(and(eq(tasks.run_id, run_id), sql`${tasks.finished_at} is null`))
    .orderBy(asc(tasks.id))
    .limit(limit)
    .for("update");
}

export async function wholeTask(db: Db, workspace_id: string, id: string): Promise<WholeTask | null> {
  const [found] = await whole(db).where(and(eq(tasks.workspace_id, workspace_id), eq(tasks.id, id)));
  return found ?? null;
}

/** In the order of `ids`. */
export async function wholeTasks(db: Db, ids: readonly string[]): Promise<WholeTask[]> {
  if (ids.length === 0) return [];
  const rows = await whole(db).where(inArray(tasks.id, [...ids]));
  const byId = new Map(rows.map((row) => [row.task.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

export interface TaskFilter {
  run_id?: string | undefined;
  stage?: TaskRow["stage"] | undefined;
  state?: TaskState | undefined;
  /** Only those whose holder lives and has shown nothing new for too long. */
  stuck?: "true" | undefined;
}

export async function pageOfTasks(db: Db, workspace_id: string, page: Page, filter: TaskFilter): Promise<WholeTask[]> {
  return whole(db)
    .where(and(inWorkspace(workspace_id, filter), page.before === null ? undefined : lt(tasks.id, page.before)))
    .orderBy(desc(tasks.id))
    .limit(page.limit);
}

const READY = statement("ready");

/** Ready tasks in the order in which they would be claimed. */
export async function readyTasks(
  db: Db,
  workspace_id: string,
  limit: number,
  { run_id = null, stage = null }: { run_id?: string | null | undefined; stage?: Stage | null | undefined },
): Promise<WholeTask[]> {
  const rows = await db.run<{ id: string }>(READY, [workspace_id, run_id, stage, limit]);
  return wholeTasks(
    db,
    rows.map((row) => row.id),
  );
}

/** Which of `ids` the workspace has, with their states, which stay as they are until the transaction ends. */
export async function lockStatesOf(
  tx: Db,
  workspace_id: string,
  ids: readonly string[],
): Promise<Map<string, TaskState>> {
  if (ids.length === 0) return new Map();
  const rows = await tx.orm
    .select({ id: tasks.id, state: tasks.state })
    .from(tasks)
    .where(and(eq(tasks.workspace_id, workspace_id), inArray(tasks.id, [...ids])))
    .orderBy(asc(tasks.id))
    .for("share");
  return new Map(rows.map((row) => [row.id, row.state]));
}

/** The lease lives, and the project's limit for the stage has passed without progress. */
const STUCK = sql`${tasks.state} = 'running' and ${tasks.lease_expires_at} > now() and exists (
  select from ${attempts} join ${projects} on ${projects.id} = ${tasks.project_id}
  where ${attempts.id} = ${tasks.lease_id} and ${attempts.progress_at} <= now()
    - coalesce((${projects.settings} -> 'idle_minutes' ->> ${tasks.stage})::int, ${IDLE_MINUTES}) * interval '1 minute'
)`;

/** Says what follows anyway, so that the index of what is not completed can be walked. */
function uncompleted({ stage, state, stuck }: TaskFilter) {
  const open = stuck !== undefined || (state !== undefined && state !== "completed");
  const staged = stage !== undefined && stage !== "complete";
  return open || staged ? sql`${tasks.state} <> 'completed'` : undefined;
}

function inWorkspace(workspace_id: string, filter: TaskFilter) {
  return and(
    eq(tasks.workspace_id, workspace_id),
    uncompleted(filter),
    filter.run_id === undefined ? undefined : eq(tasks.run_id, filter.run_id),
    filter.stage === undefined ? undefined : eq(tasks.stage, filter.stage),
    filter.state === undefined ? undefined : eq(tasks.state, filter.state),
    filter.stuck === undefined ? undefined : STUCK,
  );
}
