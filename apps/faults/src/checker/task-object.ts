/** One task with its lease as a sequential object: what each call may be answered, one at a time. Small and by hand, so that it shares no mistake with the line. */
import { nextPlace, type Place, type Stage } from "@baton/domain";
import type { Sequential, Spread } from "./search.ts";

export type Act =
  | { kind: "claim"; lease_id: string; epoch: number; stage: Stage; visit: number; lease_ms: number }
  /** A sign of life that was answered. */
  | { kind: "beat"; lease_id: string; lease_ms: number; directive: string | null }
  /** Null: the verdict is not known. */
  | { kind: "complete"; lease_id: string; verdict: "pass" | "reject" | null }
  | { kind: "fail"; lease_id: string }
  | { kind: "release"; lease_id: string }
  /** A file that was taken. */
  | { kind: "put"; lease_id: string }
  /** The same claim sent again, which found nothing. */
  | { kind: "nothing"; lease_id: string }
  /** Refused, since the lease is not the current one. */
  | { kind: "lost"; lease_id: string }
  | { kind: "pause" | "resume" | "kill" };

export interface Step extends Spread {
  act: Act;
  /** For people. */
  told: string;
}

export interface TaskState {
  stage: Place;
  visit: number;
  epoch: number;
  /** `until`: it cannot be over before, on the clock of the history. `dead`: it was seen to be over. */
  lease: { id: string; until: number; dead: boolean } | null;
  held: boolean;
  killed: boolean;
  /** Completed, parked or cancelled. */
  over: boolean;
  /** The lease that the kill ended. */
  cancelled: string | null;
}

const NEW_TASK: TaskState = {
  ...{ stage: "dev", visit: 1, epoch: 0, lease: null, held: false, killed: false, over: false, cancelled: null },
};

export const TASK: Sequential<TaskState, Step> = {
  start: NEW_TASK,
  next: (state, step) => next(state, step),
  nameOf: (state) => JSON.stringify(Object.values(state)),
};

/** The database's clock and the history's are two; times are stored in whole milliseconds. */
const SLACK_MS = 50;

/** Whether the lease may have run out of time at the moment of this step. */
function ranOut(lease: NonNullable<TaskState["lease"]>, { to }: Step): boolean {
  return lease.dead || to >= lease.until - SLACK_MS;
}

function next(state: TaskState, step: Step): TaskState[] {
  const { act } = step;
  switch (act.kind) {
    case "claim":
      return claimed(state, step, act);
    case "beat":
      return beaten(state, step, act);
    case "complete":
    case "fail":
    case "release":
      return holds(state, act.lease_id) ? ended({ ...state, lease: null }, act) : [];
    case "put":
      return holds(state, act.lease_id) ? [state] : [];
    case "nothing":
      return state.lease?.id === act.lease_id && !ranOut(state.lease, step) ? [] : [state];
    case "lost":
      return lost(state, step, act.lease_id);
    case "pause":
      return state.killed ? [] : [{ ...state, held: true }];
    case "resume":
      return state.killed ? [] : [{ ...state, held: false }];
    case "kill":
      return [killed(state)];
  }
}

function holds({ over, lease }: TaskState, lease_id: string): boolean {
  return !over && lease !== null && lease.id === lease_id && !lease.dead;
}

function claimed(state: TaskState, step: Step, act: Extract<Act, { kind: "claim" }>): TaskState[] {
  const { lease_id, epoch, stage, visit, lease_ms } = act;
  const free = state.lease === null || ranOut(state.lease, step);
  const fits = state.stage === stage && state.visit === visit && state.epoch + 1 === epoch;
  if (!free || !fits || state.over || state.held) return [];
  return [{ ...state, epoch, lease: { id: lease_id, until: step.from + lease_ms, dead: false } }];
}

function beaten(state: TaskState, { from }: Step, act: Extract<Act, { kind: "beat" }>): TaskState[] {
  const { lease_id, lease_ms, directive } = act;
  if (directive === "cancel") return state.cancelled === lease_id ? [state] : [];
  if (!holds(state, lease_id) || state.lease === null) return [];
  if (directive !== null && (directive === "pause") !== state.held) return [];
  return [{ ...state, lease: { ...state.lease, until: Math.max(state.lease.until, from + lease_ms) } }];
}

function ended(state: TaskState, act: Extract<Act, { kind: "complete" | "fail" | "release" }>): TaskState[] {
  const parked = { ...state, over: true };
  if (act.kind === "release") return [state];
  if (act.kind === "fail") return [state, parked];
  const to = state.stage === "none" || state.stage === "complete" ? state.stage : nextPlace(state.stage);
  const passed = { ...state, stage: to, over: to === "complete" };
  const rejected = { ...state, stage: "dev" as const, visit: state.visit + 1 };
  return [...(act.verdict === "reject" ? [] : [passed]), ...(act.verdict === "pass" ? [] : [rejected, parked])];
}

function lost(state: TaskState, step: Step, lease_id: string): TaskState[] {
  const { lease } = state;
  if (lease === null || !holds(state, lease_id)) return [state];
  return ranOut(lease, step) ? [{ ...state, lease: { ...lease, dead: true } }] : [];
}

function killed(state: TaskState): TaskState {
  if (state.over) return { ...state, killed: true };
  return { ...state, killed: true, over: true, cancelled: state.lease?.id ?? null, lease: null };
}
