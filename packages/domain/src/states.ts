/** What a task and a run can be. Each state is documented where it is declared; which moves are legal is in `transitions.ts`. */

export const TASK_STATES = [
  /** Ready for the next claim, or due at a later time (a retry that waits). Left by a claim, a block or a cancel. */
  "pending",
  /** Held under a lease by exactly one agent. Left by the holder's outcome, by the rescuer when the lease is over, or by a cancel. */
  "running",
  /** Waits for something outside the line; `block_kind` says for what. Left by an unblock, an operator's step or a cancel. */
  "blocked",
  /** Passed docs. Final: nothing leaves it but an operator's set_stage. */
  "completed",
  /** Attempts, crashes or loop-backs are used up: the dead-letter. Final until an admin reopens it. */
  "failed",
  /** Taken off the line by a person or by the kill of its run. Final until an admin reopens it. */
  "cancelled",
] as const;
export type TaskState = (typeof TASK_STATES)[number];

/** States with a `finished_at`; the database ties the two together in both directions. */
export const FINAL_STATES = ["completed", "failed", "cancelled"] as const satisfies readonly TaskState[];

export function isFinal(state: TaskState): boolean {
  return FINAL_STATES.some((final) => final === state);
}

export const BLOCK_KINDS = [
  /** Another task has to complete first. Ends by itself. */
  "dependency",
  /** A person has to answer. */
  "needs_input",
  /** A person has to agree. */
  "approval",
  /** A provider's limit is used up; ends by itself at `block_until`. */
  "quota",
] as const;
export type BlockKind = (typeof BLOCK_KINDS)[number];

export const RUN_STATES = [
  /** Gives out leases. */
  "active",
  /** Gives out no leases; work already leased may finish. */
  "paused",
  /** Every task is completed and the project wants a person's approval. */
  "ready_for_commit",
  /** Every task is completed (and approved, where the project asks for it). */
  "completed",
  /** Nothing is left to do and at least one task failed, or all were cancelled. Reopening a task makes it active again. */
  "failed",
  /** Stopped for good by a person. Its open tasks are cancelled; nothing in it can be reopened. */
  "killed",
] as const;
export type RunState = (typeof RUN_STATES)[number];

/** A run that may still change by its tasks: it takes new ones and, unless it is paused, gives leases. */
export const OPEN_RUN_STATES = ["active", "paused"] as const satisfies readonly RunState[];

export function isOpenRun(state: RunState): boolean {
  return OPEN_RUN_STATES.some((open) => open === state);
}

/** Run states with a `finished_at`. `ready_for_commit` is neither open nor final: a person has to say what it is. */
export const FINAL_RUN_STATES = ["completed", "failed", "killed"] as const satisfies readonly RunState[];

export function isFinalRun(state: RunState): boolean {
  return FINAL_RUN_STATES.some((final) => final === state);
}
