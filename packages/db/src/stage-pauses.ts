/** Pauses of single stages: made by people, or by the line when one fault comes again and again. A paused stage gives no leases. */
import type { Stage } from "@baton/domain";
import type { Db } from "./client.ts";
import { eq } from "./drizzle.ts";
import { stage_pauses } from "./schema/index.ts";
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

/** Both look at the same attempts: a fault that is forgiven is never counted again. */
const FAULT_STREAK = statement("fault-streak", "fault-window", "fault-streak-answer");
const FAULT_FORGIVEN = statement("fault-forgiven", "fault-window", "fault-forgiven-answer");

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
  await tx.run(FAULT_FORGIVEN, [project_id, stage]);
}

export async function stagePauses(db: Db, project_id: string): Promise<StagePauseRow[]> {
  return db.orm.select().from(stage_pauses).where(eq(stage_pauses.project_id, project_id));
}
