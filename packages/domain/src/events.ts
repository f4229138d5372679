/** Events: recorded facts about a task. `evolve` folds one into the task, `replay` folds a whole log; the stored row is what they give. */
import type { Limits } from "./settings.ts";
import { FIRST_STAGE, type Place } from "./stages.ts";
import type { BlockKind, TaskState } from "./states.ts";
import type { Task } from "./task.ts";
import { type Charge, type EventType, TRANSITIONS } from "./transitions.ts";

export interface TaskEvent {
  task_id: string;
  /** 1, 2, 3 … without a gap, per task. */
  seq: number;
  type: EventType;
  from_stage: Place;
  from_state: TaskState | "new";
  to_stage: Place;
  to_state: TaskState;
  charged: Charge;
  /** ms since 1970 by the database's clock. */
  at: number;
  data: Record<string, unknown>;
}

const NEXT_VISIT = new Set<EventType>(
  Object.values(TRANSITIONS)
    .filter((row) => row.visit === "next")
    .map((row) => row.event),
);

/** The event that begins a task's log. */
export function submitted(task_id: string, limits: Limits, waits: boolean, at: number): TaskEvent {
  const to_state = waits ? "blocked" : "pending";
  const data = { limits, ...(waits && { kind: "dependency", reason: "waits for other tasks", until: null }) };
  return {
    ...{ task_id, seq: 1, type: "submitted", from_stage: "none", from_state: "new" },
    ...{ to_stage: FIRST_STAGE, to_state, charged: "nothing", at, data },
  };
}

/** The task after `event`. Counters of attempts belong to one stage in one visit and start anew with either. */
export function evolve(task: Task, event: TaskEvent): Task {
  const visit = task.visit + (NEXT_VISIT.has(event.type) ? 1 : 0);
  const counts = visit === task.visit && event.to_stage === task.stage ? task : { attempt: 0, failures: 0, crashes: 0 };
  const claimed = event.type === "claimed" ? 1 : 0;
  const reset = event.charged === "resets";
  return {
    id: task.id,
    stage: event.to_stage,
    state: event.to_state,
    visit,
    attempt: counts.attempt + claimed,
    epoch: task.epoch + claimed,
    seq: event.seq,
    failures: reset ? 0 : counts.failures + (event.charged === "attempt" ? 1 : 0),
    crashes: reset ? 0 : counts.crashes + (event.charged === "crash" ? 1 : 0),
    rejections: reset ? 0 : rejectionsAfter(task, event),
    limits: task.limits,
    due_at: claimed ? task.due_at : event.at + number(event.data.delay_ms),
    lease: claimed ? { id: String(event.data.lease_id), expires_at: event.at + number(event.data.lease_ms) } : null,
    block: event.to_state === "blocked" ? blockOf(event) : null,
  };
}

/** One more than the limit means "past it": a dead-letter that was set to a stage by hand can be rejected once more. */
function rejectionsAfter(task: Task, event: TaskEvent): number {
  if (event.charged !== "loop_back") return task.rejections;
  return Math.min(task.rejections, task.limits.rejections) + 1;
}

/** The task that a whole log makes. The log must begin with `submitted`. */
export function replay(events: readonly TaskEvent[]): Task {
  const [first, ...rest] = events;
  if (first?.type !== "submitted") throw new Error("a log begins with the event submitted");
  return rest.reduce(evolve, evolve(unborn(first), first));
}

/** The task before its first event. */
function unborn(first: TaskEvent): Task {
  return {
    ...{ id: first.task_id, stage: "none", state: "pending", visit: 1, attempt: 0, epoch: 0, seq: 0 },
    ...{ failures: 0, crashes: 0, rejections: 0, limits: first.data.limits as Limits },
    ...{ due_at: first.at, lease: null, block: null },
  };
}

function blockOf({ data }: TaskEvent): Task["block"] {
  return {
    kind: data.kind as BlockKind,
    reason: String(data.reason),
    until: data.until === null ? null : number(data.until),
  };
}

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}
