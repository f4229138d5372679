/** Reading leases: who holds what, and what became of earlier attempts. */

import type { Given } from "../claim.ts";
import type { Db } from "../client.ts";
import { and, asc, desc, eq, sql } from "../drizzle.ts";
import type { TaskRow } from "../rows.ts";
import { attempts, tasks } from "../schema/index.ts";

export type AttemptRow = typeof attempts.$inferSelect;

/** An attempt with its task as it is now and the database's clock. */
export interface FoundLease {
  attempt: AttemptRow;
  task: TaskRow;
  now: Date;
}

function leases(db: Db) {
  return db.orm
    .select({ attempt: attempts, task: tasks, now: sql`now()`.mapWith(tasks.created_at) })
    .from(attempts)
    .innerJoin(tasks, eq(tasks.id, attempts.task_id));
}

export async function findLease(db: Db, workspace_id: string, lease_id: string): Promise<FoundLease | null> {
  const [found] = await leases(db).where(and(eq(attempts.workspace_id, workspace_id), eq(attempts.id, lease_id)));
  return found ?? null;
}

export async function findClaim(db: Db, workspace_id: string, claim_id: string): Promise<FoundLease | null> {
  const [found] = await leases(db).where(and(eq(attempts.workspace_id, workspace_id), eq(attempts.claim_id, claim_id)));
  return found ?? null;
}

/** What a claim under this lease id was given, while the lease lives. */
export async function findGiven(db: Db, lease_id: string): Promise<Given | null> {
  const [found] = await leases(db).where(
    and(eq(attempts.id, lease_id), eq(tasks.lease_id, lease_id), sql`${tasks.lease_expires_at} > now()`),
  );
  if (found === undefined) return null;
  const { lease_ms, contract_id, credential } = found.attempt;
  return { ...found.task, i: 0, lease_ms, contract_id, credential, now: found.now, context: null };
}

/** The attempt that was given this epoch. */
export async function attemptAt(db: Db, task_id: string, epoch: number): Promise<AttemptRow | null> {
  const [row] = await db.orm
    .select()
    .from(attempts)
    .where(and(eq(attempts.task_id, task_id), eq(attempts.epoch, epoch)));
  return row ?? null;
}

/** The attempt that is open now. */
export async function openAttempt(db: Db, task_id: string): Promise<AttemptRow | null> {
  const [row] = await db.orm
    .select()
    .from(attempts)
    .where(and(eq(attempts.task_id, task_id), sql`${attempts.ended_at} is null`));
  return row ?? null;
}

/** Whether the token has ever been given a lease of the task. */
export async function hasHeld(db: Db, task_id: string, token_id: string): Promise<boolean> {
  const held = await db.orm
    .select({ id: attempts.id })
    .from(attempts)
    .where(and(eq(attempts.task_id, task_id), eq(attempts.token_id, token_id)))
    .limit(1);
  return held.length > 0;
}

/** What is told of an attempt, column by column: its draft, of up to a megabyte, stays where it is. */
const told = {
  ...{ id: attempts.id, stage: attempts.stage, visit: attempts.visit, attempt: attempts.attempt },
  ...{ agent_id: attempts.agent_id, role: attempts.role, role_version: attempts.role_version },
  ...{ prompt_sha256: attempts.prompt_sha256, progress: attempts.progress, progress_at: attempts.progress_at },
  ...{ started_at: attempts.started_at, heartbeat_at: attempts.heartbeat_at, deadline_at: attempts.deadline_at },
  ...{ ended_at: attempts.ended_at, outcome: attempts.outcome, fault: attempts.fault, message: attempts.message },
};

export type ToldAttempt = Pick<AttemptRow, keyof typeof told>;

/** The newest first. */
export async function attemptsOf(db: Db, task_id: string): Promise<ToldAttempt[]> {
  return db.orm
    .select(told)
    .from(attempts)
    .where(eq(attempts.task_id, task_id))
    .orderBy(desc(attempts.epoch))
    .limit(200);
}

export async function attemptsInOrder(db: Db, task_id: string): Promise<AttemptRow[]> {
  return db.orm.select().from(attempts).where(eq(attempts.task_id, task_id)).orderBy(asc(attempts.epoch));
}
