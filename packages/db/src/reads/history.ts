/** Reading what happened to a task, and what stands around it. */
import type { TaskEvent } from "@baton/domain";
import type { Db } from "../client.ts";
import { and, asc, eq, gt, sql } from "../drizzle.ts";
import { events, task_dependencies, task_specs, tasks } from "../schema/index.ts";

export type EventRow = typeof events.$inferSelect;

/** Events of a task in their order, after the number `after`. */
export async function eventsOf(db: Db, task_id: string, after: number, limit: number): Promise<EventRow[]> {
  return db.orm
    .select()
    .from(events)
    .where(and(eq(events.task_id, task_id), gt(events.seq, after)))
    .orderBy(asc(events.seq))
    .limit(limit);
}

/** The stored event as the domain replays it. */
export function eventOf(row: EventRow): TaskEvent {
  const { task_id, seq, type, from_stage, from_state, to_stage, to_state, charged, data } = row;
  return { task_id, seq, type, from_stage, from_state, to_stage, to_state, charged, at: row.at.getTime(), data };
}

const named = { task_id: tasks.id, title: task_specs.title, state: tasks.state };

/** Tasks that have to complete before this one and have not. */
export async function openDependencies(db: Db, task_id: string) {
  return db.orm
    .select(named)
    .from(task_dependencies)
    .innerJoin(tasks, eq(tasks.id, task_dependencies.depends_on_id))
    .innerJoin(task_specs, eq(task_specs.task_id, tasks.id))
    .where(and(eq(task_dependencies.task_id, task_id), sql`${tasks.state} <> 'completed'`))
    .orderBy(asc(tasks.id));
}

/** Tasks that wait for this one. */
export async function dependents(db: Db, task_id: string) {
  return db.orm
    .select(named)
    .from(task_dependencies)
    .innerJoin(tasks, eq(tasks.id, task_dependencies.task_id))
    .innerJoin(task_specs, eq(task_specs.task_id, tasks.id))
    .where(and(eq(task_dependencies.depends_on_id, task_id), sql`${tasks.state} <> 'completed'`))
    .orderBy(asc(tasks.id));
}
