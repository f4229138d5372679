/** Pauses of single stages: made by people, or by the line when one fault comes again and again. A paused stage gives no leases. */
import type { Stage } from "@baton/domain";
import type { Db } from "./client.ts";
import { and, eq, sql } from "./drizzle.ts";
import { attempts, stage_pauses, tasks } from "./schema/index.ts";
import { statement } from "./statements.ts";

export type StagePauseRow = typeof stage_pauses.$inferSelect;

export interface Fault {
  project_id: string;
  stage: Stage;
  fingerprint: string;
  /** For people: what the fault is and how to go on. */
  reason: string;
  /** On how many different tasks in a row it has to come. */
  times: number;
}

const FAULT_STREAK = statement("fault-streak");

/** A statement of its own, before what it guards: what that one sees then is not older than the lock. */
const LOCK_STAGE = {
  name: "baton_lock_stage",
  text: "select pg_advisory_xact_lock(hashtextextended($1 || $2, 0))",
};

/** True when the stage is paused by this very look. A look that is left out by a crash is made good by the next failure. */
export async function pauseOnStreak(db: Db, fault: Fault): Promise<boolean> {
  const { project_id, stage, fingerprint, times, reason } = fault;
  return db.transaction(async (tx) => {
    await tx.run(LOCK_STAGE, [project_id, stage]);
    return (await tx.run(FAULT_STREAK, [project_id, stage, fingerprint, times, reason])).length > 0;
  });
}

/** A pause that is there already stays as it is. */
export async function pauseStage(
  db: Db,
  pause: Pick<StagePauseRow, "project_id" | "stage" | "reason" | "paused_by">,
): Promise<void> {
  await db.orm.insert(stage_pauses).values(pause).onConflictDoNothing();
}

/** The fault that paused it begins to be counted anew. */
export async function resumeStage(tx: Db, project_id: string, stage: Stage): Promise<void> {
  await tx.run(LOCK_STAGE, [project_id, stage]);
  const [over] = await tx.orm
    .delete(stage_pauses)
    .where(and(eq(stage_pauses.project_id, project_id), eq(stage_pauses.stage, stage)))
    .returning();
  if (!over?.fault_fingerprint) return;
  const ofProject = tx.orm.select({ id: tasks.id }).from(tasks).where(eq(tasks.project_id, project_id));
  await tx.orm
    .update(attempts)
    .set({ fault_fingerprint: null })
    .where(
      and(
        eq(attempts.stage, stage),
        eq(attempts.fault_fingerprint, over.fault_fingerprint),
        // By the index; no lease lives nearly that long.
        sql`${attempts.started_at} > now() - interval '3 days'`,
        sql`${attempts.ended_at} > now() - interval '1 day' and ${attempts.task_id} in (${ofProject})`,
      ),
    );
}

export async function stagePauses(db: Db, project_id: string): Promise<StagePauseRow[]> {
  return db.orm.select().from(stage_pauses).where(eq(stage_pauses.project_id, project_id));
}
