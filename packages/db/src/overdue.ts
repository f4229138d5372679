/** What the always-on loops look for, in pages: leases that are over, ready tasks without a fresh ticket, waits that have ended, runs with nothing left to do. */
import { FINAL_STATES, type Stage } from "@baton/domain";
import type { Db } from "./client.ts";
import { alias, and, asc, eq, exists, gt, lte, notExists, or, sql } from "./drizzle.ts";
import type { LostTicket } from "./outbox.ts";
import type { TaskRow } from "./rows.ts";
import { projects, runs, task_dependencies, tasks } from "./schema/index.ts";
import { statement } from "./statements.ts";

/**
 * States are written out, here and below: one plan is made for all values of a parameter, and an index of some states
 * serves a plan only where the state is in the text.
 */
const READY = sql`${tasks.state} = 'pending' and not ${tasks.held}`;

/** Running tasks whose lease is over, the longest over first. */
export async function expiredTasks(db: Db, limit: number): Promise<TaskRow[]> {
  return db.orm
    .select()
    .from(tasks)
    .where(and(sql`${tasks.state} = 'running'`, lte(tasks.lease_expires_at, sql`now()`)))
    .orderBy(asc(tasks.lease_expires_at))
    .limit(limit);
}

/** Where the last page ended. */
export interface PageEnd {
  dispatched_at: Date;
  id: string;
}

const DUE = sql`${tasks.due_at} <= now() + interval '0.5 ms'`;

/** What hosted workers would be given, if there were room: tasks that nobody would be given get a ticket at the first look after that has changed. */
const FOR_HOSTED = and(
  sql`${tasks.stage} = any (${projects.hosted}) and ${tasks.stage} = any (${runs.triggered}) and not ${runs.over_budget}`,
  sql`not exists (select from circuits as circuit where circuit.workspace_id = ${tasks.workspace_id} and circuit.credential = ${projects.settings} ->> 'credential' and circuit.until > now())`,
  sql`not exists (select from stage_pauses as pause where pause.project_id = ${projects.id} and pause.stage = ${tasks.stage})`,
);

/** Ready tasks that hosted workers might claim now, whose newest ticket is older than `age_ms`, oldest ticket first, after `after`. */
export async function readyTasksWithOldTicket(
  db: Db,
  age_ms: number,
  limit: number,
  after: PageEnd | null,
): Promise<TaskRow[]> {
  const rows = await db.orm
    .select({ task: tasks })
    .from(tasks)
    .innerJoin(projects, eq(projects.id, tasks.project_id))
    .innerJoin(runs, eq(runs.id, tasks.run_id))
    .where(
      and(
        READY,
        DUE,
        sql`${tasks.dispatched_at} <= now() - ${age_ms} * interval '1 ms'`,
        FOR_HOSTED,
        sql`(${projects.capacity} is null or has_room(${projects.id}, ${tasks.stage}, ${projects.capacity}))`,
        after === null
          ? undefined
          : or(
              gt(tasks.dispatched_at, after.dispatched_at),
              and(eq(tasks.dispatched_at, after.dispatched_at), gt(tasks.id, after.id)),
            ),
      ),
    )
    .orderBy(asc(tasks.dispatched_at), asc(tasks.id))
    .limit(limit);
  return rows.map((row) => row.task);
}

const NEXT_IN_ROOM = statement("next-in-room");

/** A ready task of a project's stage that hosted workers may have, if the project has room for it, as `redispatch` asks for it. */
export async function nextInRoom(db: Db, project_id: string, stage: Stage): Promise<LostTicket | null> {
  const [found] = await db.run<Pick<TaskRow, "id" | "seq" | "dispatch">>(NEXT_IN_ROOM, [project_id, stage]);
  return found ? { task_id: found.id, seq: found.seq, dispatch: found.dispatch } : null;
}

const other = alias(tasks, "other");

/** Blocked tasks that wait no longer: all their dependencies are completed, or their time has come. */
export async function tasksDoneWaiting(db: Db, limit: number): Promise<TaskRow[]> {
  const open = db.orm
    .select({ one: sql`1` })
    .from(task_dependencies)
    .innerJoin(other, eq(other.id, task_dependencies.depends_on_id))
    .where(and(eq(task_dependencies.task_id, tasks.id), sql`${other.state} <> 'completed'`));
  return db.orm
    .select()
    .from(tasks)
    .where(
      and(
        sql`${tasks.state} = 'blocked'`,
        // Never claimed: it waits since it was submitted. A later block of the same kind is an agent's word and ends by a person's.
        or(
          and(eq(tasks.block_kind, "dependency"), eq(tasks.epoch, 0), notExists(open)),
          lte(tasks.block_until, sql`now()`),
        ),
      ),
    )
    .orderBy(asc(tasks.id))
    .limit(limit);
}

/** Runs not yet over that have tasks and none that is open. */
export async function runsWithoutOpenTasks(db: Db, limit: number): Promise<{ id: string; workspace_id: string }[]> {
  const ofRun = eq(tasks.run_id, runs.id);
  const some = db.orm.select({ one: sql`1` }).from(tasks).where(ofRun);
  const open = db.orm
    .select({ one: sql`1` })
    .from(tasks)
    .where(and(ofRun, sql`${tasks.state} not in (${sql.raw(FINAL_STATES.map((state) => `'${state}'`).join(", "))})`));
  return db.orm
    .select({ id: runs.id, workspace_id: runs.workspace_id })
    .from(runs)
    .where(and(sql`${runs.state} in ('active', 'paused')`, exists(some), notExists(open)))
    .limit(limit);
}
