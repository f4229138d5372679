/** Changes of a run: each takes the run's row lock first, so that pause, kill, new tasks and completion happen one after the other. */
import { isFinalRun, type RunState } from "@baton/domain";
import type { Db } from "./client.ts";
import { and, eq, sql } from "./drizzle.ts";
import { runs, tasks } from "./schema/index.ts";
import { statement } from "./statements.ts";
import type { OutboxTicket } from "./tickets.ts";

export type RunRow = typeof runs.$inferSelect;
export type NewRun = typeof runs.$inferInsert;

export async function insertRun(tx: Db, run: NewRun): Promise<RunRow> {
  const [row] = await tx.orm.insert(runs).values(run).returning();
  if (row === undefined) throw new Error("the run was not written");
  return row;
}

/** The run's row, locked until the transaction ends; null when the workspace has no such run. */
export async function lockRun(tx: Db, workspace_id: string, run_id: string): Promise<RunRow | null> {
  const [row] = await tx.orm
    .select()
    .from(runs)
    .where(and(eq(runs.workspace_id, workspace_id), eq(runs.id, run_id)))
    .for("update");
  return row ?? null;
}

/** Must be called with the run's lock held. */
export async function setRunState(
  tx: Db,
  run_id: string,
  state: RunState,
  reason: string | null = null,
): Promise<RunRow> {
  const [row] = await tx.orm
    .update(runs)
    .set({ state, reason, updated_at: sql`now()`, finished_at: isFinalRun(state) ? sql`now()` : null })
    .where(eq(runs.id, run_id))
    .returning();
  if (row === undefined) throw new Error("the run is gone");
  return row;
}

/** No lease is given for a task of the run until `freeTasks`. */
export async function holdTasks(tx: Db, run_id: string): Promise<void> {
  await tx.orm
    .update(tasks)
    .set({ held: true })
    .where(and(eq(tasks.run_id, run_id), sql`${tasks.finished_at} is null`));
}

/** Brings one task in line with its run, whose lock must be held: a final task takes no part in a pause and its end. */
export async function holdTask(tx: Db, task_id: string, held: boolean): Promise<void> {
  await tx.orm.update(tasks).set({ held }).where(eq(tasks.id, task_id));
}

const RESUME = statement("resume");

/** Gives leases again; answers the tickets that may be sent now. */
export async function freeTasks(tx: Db, run_id: string): Promise<OutboxTicket[]> {
  return tx.run<OutboxTicket & Record<string, unknown>>(RESUME, [run_id]);
}

/** How many of the run's tasks are in each state. */
export async function countStates(db: Db, run_id: string): Promise<Map<string, number>> {
  const rows = await db.orm
    .select({ state: tasks.state, count: sql<number>`count(*)::int` })
    .from(tasks)
    .where(eq(tasks.run_id, run_id))
    .groupBy(tasks.state);
  return new Map(rows.map((row) => [row.state, row.count]));
}
