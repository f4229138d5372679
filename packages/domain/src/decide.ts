/** decide(task, command, now): what a command makes of a task, or why it may not. Pure, and the only reader of the transition table. */
import { evolve, type TaskEvent } from "./events.ts";
import type { Fault } from "./outcomes.ts";
import { retryDelayMs } from "./retry.ts";
import { FIRST_STAGE, isStage, nextPlace, type Place, type Stage } from "./stages.ts";
import type { BlockKind, TaskState } from "./states.ts";
import type { Task } from "./task.ts";
import { allowedCommands, type Charge, type CommandName, TRANSITIONS, type Transition } from "./transitions.ts";

/** What a lease holder proves with. */
export interface LeaseRef {
  lease_id: string;
  epoch: number;
}

export type Command =
  | { name: "claim"; lease_id: string; lease_s: number; agent_id: string }
  | ({ name: "pass"; reasons: string[] } & LeaseRef)
  /** `repeating`: it says what the rejection before said, and nothing has changed in between. */
  | ({ name: "reject"; reasons: string[]; repeating?: boolean } & LeaseRef)
  | ({ name: "fail"; fault: Fault; message: string; random: number; retry_after_ms?: number } & LeaseRef)
  | { name: "expire" }
  | ({ name: "release" } & LeaseRef)
  | ({ name: "block"; kind: BlockKind; reason: string; until_ms?: number } & LeaseRef)
  | { name: "unblock" }
  | { name: "advance" | "send_back"; notes: string }
  | { name: "set_stage"; stage: Stage }
  | { name: "cancel"; reason: string }
  | { name: "reopen" };

export interface Refusal {
  code: "transition_not_allowed" | "lease_lost" | "lease_held" | "not_due";
  detail: string;
  allowed: CommandName[];
}

export type Decision = { ok: true; event: TaskEvent; task: Task } | { ok: false; refusal: Refusal };

/** `now` is ms since 1970 by the database's clock. */
export function decide(task: Task, command: Command, now: number): Decision {
  const row: Transition = TRANSITIONS[command.name];
  const refusal = refuse(task, command, row, now);
  if (refusal) return { ok: false, refusal };
  const event = eventOf(task, command, row, now);
  return { ok: true, event, task: evolve(task, event) };
}

function refuse(task: Task, command: Command, row: Transition, now: number): Refusal | null {
  const held = "lease_id" in command && command.name !== "claim" ? command : null;
  if (held && !holds(task, held, now)) {
    return refusal(task, "lease_lost", `the lease is not the current one of the task, which is ${task.state}`);
  }
  if (!row.from.includes(task.state)) {
    if (task.state === "running")
      return refusal(task, "lease_held", `${command.name} has to wait: an agent holds the task`);
    return refusal(task, "transition_not_allowed", `${command.name} is not allowed: the task is ${task.state}`);
  }
  if (row.needs === "lease_over" && (task.lease === null || task.lease.expires_at > now)) {
    return refusal(task, "lease_held", "the lease still lives");
  }
  if (command.name === "claim" && task.due_at > now) return refusal(task, "not_due", "the task is due later");
  if (!isStage(task.stage) && row.stage !== "asked") {
    return refusal(task, "transition_not_allowed", `${command.name} is not allowed: the task stands at ${task.stage}`);
  }
  return null;
}

function holds(task: Task, ref: LeaseRef, now: number): boolean {
  return (
    task.state === "running" &&
    task.lease?.id === ref.lease_id &&
    task.epoch === ref.epoch &&
    task.lease.expires_at > now
  );
}

function refusal(task: Task, code: Refusal["code"], detail: string): Refusal {
  return { code, detail, allowed: allowedCommands(task.state) };
}

function eventOf(task: Task, command: Command, row: Transition, now: number): TaskEvent {
  const charged = chargeOf(command, row);
  const to_stage = placeAfter(task, command, row);
  const to_state = endOf(task, command, row, charged) ?? (to_stage === "complete" ? "completed" : row.becomes);
  return {
    task_id: task.id,
    seq: task.seq + 1,
    type: row.event,
    from_stage: task.stage,
    from_state: task.state,
    to_stage,
    to_state,
    charged,
    at: now,
    data: dataOf(task, command),
  };
}

/** The dead-letter, where the command leads to it: its limit is used up, or it only repeats itself. */
function endOf(task: Task, command: Command, row: Transition, charged: Charge): TaskState | undefined {
  if (command.name === "reject" && command.repeating && row.repeating !== undefined) return row.repeating;
  return limitReached(task, charged) ? row.past_limit : undefined;
}

function chargeOf(command: Command, row: Transition): Charge {
  return command.name === "fail" && command.fault !== "task" ? "nothing" : row.charged;
}

function limitReached(task: Task, charged: Charge): boolean {
  switch (charged) {
    case "loop_back":
      return task.rejections >= task.limits.rejections;
    case "attempt":
      return task.failures + 1 >= task.limits.attempts;
    case "crash":
      return task.crashes + 1 >= task.limits.crashes;
    case "nothing":
    case "resets":
      return false;
  }
}

function placeAfter(task: Task, command: Command, row: Transition): Place {
  switch (row.stage) {
    case "same":
      return task.stage;
    case "first":
      return FIRST_STAGE;
    case "next":
      return isStage(task.stage) ? nextPlace(task.stage) : task.stage;
    case "asked":
      return command.name === "set_stage" ? command.stage : task.stage;
  }
}

/** What replay needs beyond the table, and what people want to read in the timeline. */
function dataOf(task: Task, command: Command): TaskEvent["data"] {
  switch (command.name) {
    case "claim":
      return { lease_id: command.lease_id, lease_ms: command.lease_s * 1_000, agent_id: command.agent_id };
    case "pass":
      return { reasons: command.reasons };
    case "reject":
      return { reasons: command.reasons, ...(command.repeating && { repeating: true }) };
    case "fail": {
      const delay_ms = Math.ceil(Math.max(retryDelayMs(task.attempt, command.random), command.retry_after_ms ?? 0));
      return { fault: command.fault, message: command.message, delay_ms };
    }
    case "block":
      return { kind: command.kind, reason: command.reason, until: command.until_ms ?? null };
    case "advance":
    case "send_back":
      return { notes: command.notes };
    case "cancel":
      return { reason: command.reason };
    case "expire":
    case "release":
    case "unblock":
    case "set_stage":
    case "reopen":
      return {};
  }
}
