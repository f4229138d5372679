/** The task as decisions see it: the narrow row that moves. Titles, descriptions and packets lie elsewhere. */
import type { Limits } from "./settings.ts";
import type { Place } from "./stages.ts";
import type { BlockKind, TaskState } from "./states.ts";

export interface Task {
  id: string;
  stage: Place;
  state: TaskState;
  /** Which round through the line this is, from 1; a loop-back and a set_stage begin a new one. */
  visit: number;
  /** Leases given for the current stage in the current visit. */
  attempt: number;
  /** The fencing number: goes up with each claim, never down. */
  epoch: number;
  /** The number of its newest event. */
  seq: number;
  /** Failed attempts charged to the task in the current stage and visit. */
  failures: number;
  /** Crashes in the current stage and visit. */
  crashes: number;
  /** Loop-backs since it was submitted or reopened. */
  rejections: number;
  /** Frozen when the task is submitted. */
  limits: Limits;
  /** No lease before this time, ms since 1970 by the database's clock. */
  due_at: number;
  lease: { id: string; expires_at: number } | null;
  block: { kind: BlockKind; reason: string; until: number | null } | null;
}
