/** Tasks and commands for tests of decisions: a consistent task in any state at any place, and each command as its rightful caller sends it. */
import type { Command } from "../decide.ts";
import type { Place } from "../stages.ts";
import type { TaskState } from "../states.ts";
import type { Task } from "../task.ts";
import type { CommandName } from "../transitions.ts";

export const NOW = 1_700_000_000_000;
export const LEASE = { lease_id: "the lease", epoch: 7 };

/** In its second visit, with one of everything on its account. */
export function taskAt(state: TaskState, stage: Place, more: Partial<Task> = {}): Task {
  return {
    ...{ id: "task", stage, state, visit: 2, attempt: 2, epoch: LEASE.epoch, seq: 20 },
    ...{ failures: 1, crashes: 1, rejections: 1, limits: { rejections: 3, attempts: 3, crashes: 3 } },
    due_at: NOW - 1_000,
    lease: state === "running" ? { id: LEASE.lease_id, expires_at: NOW + 60_000 } : null,
    block: state === "blocked" ? { kind: "needs_input", reason: "a question", until: null } : null,
    ...more,
  };
}

/** All commands but `submit`, which has no task yet. */
export const COMMANDS: Record<Exclude<CommandName, "submit">, Command> = {
  claim: { name: "claim", lease_id: "a new lease", lease_s: 60, agent_id: "agent" },
  pass: { name: "pass", reasons: [], ...LEASE },
  reject: { name: "reject", reasons: ["a bug"], ...LEASE },
  fail: { name: "fail", fault: "task", message: "no", random: 0.5, ...LEASE },
  expire: { name: "expire" },
  release: { name: "release", ...LEASE },
  block: { name: "block", kind: "quota", reason: "used up", until_ms: NOW + 5_000, ...LEASE },
  unblock: { name: "unblock" },
  advance: { name: "advance", notes: "seen" },
  send_back: { name: "send_back", notes: "not yet" },
  set_stage: { name: "set_stage", stage: "sec" },
  cancel: { name: "cancel", reason: "not wanted" },
  reopen: { name: "reopen" },
};
