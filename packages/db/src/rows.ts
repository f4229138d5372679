/** The hot row as stored, and its translation to and from the domain's task. */
import { isStage, type Stage, type Task } from "@baton/domain";
import type { tasks } from "./schema/index.ts";

export type TaskRow = typeof tasks.$inferSelect;

/** A type, not an interface, so that it counts as a row of a statement. */
export type MovedRow = TaskRow & { i: number; outbox_id: number | null };

export function taskOf(row: TaskRow): Task {
  return {
    id: row.id,
    stage: row.stage,
    state: row.state,
    visit: row.visit,
    attempt: row.attempt,
    epoch: row.epoch,
    seq: row.seq,
    failures: row.failures,
    crashes: row.crashes,
    rejections: row.rejections,
    limits: { rejections: row.max_rejections, attempts: row.max_failures, crashes: row.max_crashes },
    due_at: row.due_at.getTime(),
    lease: leaseOf(row),
    block: blockOf(row),
  };
}

/** Where a task is worked on. A leased one is at a stage, and one that can be moved: anything else is a bug. */
export function stageOf({ id, stage }: Pick<TaskRow, "id" | "stage">): Stage {
  if (!isStage(stage)) throw new Error(`task ${id} is worked on at ${stage}`);
  return stage;
}

function leaseOf(row: TaskRow): Task["lease"] {
  if (row.lease_id === null || row.lease_expires_at === null) return null;
  return { id: row.lease_id, expires_at: row.lease_expires_at.getTime() };
}

function blockOf(row: TaskRow): Task["block"] {
  if (row.block_kind === null) return null;
  return { kind: row.block_kind, reason: row.block_reason ?? "", until: row.block_until?.getTime() ?? null };
}
