/** Decisions at their edges: what a refusal is called, whose lease counts, when a limit is used up, how long a retry waits. */
import { expect, test } from "vitest";
import { type Command, decide } from "./decide.ts";
import { FAULTS } from "./outcomes.ts";
import { TASK_STATES } from "./states.ts";
import type { Task } from "./task.ts";
import { COMMANDS, LEASE, NOW, taskAt } from "./testing/index.ts";

function decided(task: Task, command: Command, now = NOW) {
  const decision = decide(task, command, now);
  if (!decision.ok) throw new Error(decision.refusal.detail);
  return decision;
}

function refusalOf(task: Task, command: Command, now = NOW) {
  const decision = decide(task, command, now);
  return decision.ok ? null : decision.refusal.code;
}

const HELD = ["pass", "reject", "fail", "release", "block"] as const;

test.each(HELD)("%s with another lease, another epoch or a lease that is over is a lost lease", (name) => {
  const task = taskAt("running", "qa");
  expect(refusalOf(task, { ...COMMANDS[name], lease_id: "another" } as Command)).toBe("lease_lost");
  expect(refusalOf(task, { ...COMMANDS[name], epoch: LEASE.epoch - 1 } as Command)).toBe("lease_lost");
  expect(refusalOf(task, { ...COMMANDS[name], epoch: LEASE.epoch + 1 } as Command)).toBe("lease_lost");
  expect(refusalOf(task, COMMANDS[name], NOW + 59_999)).toBe(null);
  expect(refusalOf(task, COMMANDS[name], NOW + 60_000)).toBe("lease_lost");
});

test.each(HELD)("%s is a lost lease in every state but running", (name) => {
  for (const state of TASK_STATES.filter((one) => one !== "running")) {
    expect(refusalOf(taskAt(state, "qa"), COMMANDS[name])).toBe("lease_lost");
  }
});

test("an operator's step has to wait for the holder", () => {
  for (const name of ["claim", "advance", "send_back", "set_stage", "reopen", "unblock"] as const) {
    expect(refusalOf(taskAt("running", "qa"), COMMANDS[name])).toBe("lease_held");
  }
});

test("a lease is taken back in the moment it is over and not before", () => {
  const task = taskAt("running", "qa");
  expect(refusalOf(task, COMMANDS.expire, NOW + 59_999)).toBe("lease_held");
  expect(decided(task, COMMANDS.expire, NOW + 60_000).task).toMatchObject({
    state: "pending",
    crashes: 2,
    lease: null,
  });
});

test("a task is claimed in the moment it is due and not before", () => {
  const task = taskAt("pending", "qa", { due_at: NOW + 1 });
  expect(refusalOf(task, COMMANDS.claim)).toBe("not_due");
  expect(decided(task, COMMANDS.claim, NOW + 1).task).toMatchObject({ epoch: LEASE.epoch + 1, attempt: 3 });
});

test("a claim gives a lease for as long as was asked, by the time of the decision", () => {
  const { task } = decided(taskAt("pending", "qa"), COMMANDS.claim);
  expect(task).toMatchObject({ lease: { id: "a new lease", expires_at: NOW + 60_000 }, due_at: NOW - 1_000 });
});

test.each(["reject", "send_back"] as const)(
  "%s leads back to dev until the limit is used up, then to the dead-letter",
  (name) => {
    const from = name === "reject" ? "running" : "pending";
    const last = decided(taskAt(from, "sec", { rejections: 2 }), COMMANDS[name]).task;
    expect(last).toMatchObject({ state: "pending", stage: "dev", visit: 3, rejections: 3 });
    const past = decided(taskAt(from, "sec", { rejections: 3 }), COMMANDS[name]).task;
    expect(past).toMatchObject({ state: "failed", stage: "dev", visit: 3, rejections: 4 });
  },
);

test("a rejection that only repeats the one before is the last, however many are left, and says so", () => {
  const { task, event } = decided(taskAt("running", "qa", { rejections: 0 }), {
    ...COMMANDS.reject,
    repeating: true,
  } as Command);
  expect(task).toMatchObject({ state: "failed", rejections: 1, visit: 3 });
  expect(event).toMatchObject({ charged: "loop_back", data: { repeating: true } });
  const other = decided(taskAt("running", "qa", { rejections: 0 }), {
    ...COMMANDS.reject,
    repeating: false,
  } as Command);
  expect(other.task.state).toBe("pending");
  expect(other.event.data).toEqual({ reasons: ["a bug"] });
});

test("with a limit of no loop-backs the first rejection is the last", () => {
  const limits = { rejections: 0, attempts: 3, crashes: 3 };
  expect(decided(taskAt("running", "qa", { rejections: 0, limits }), COMMANDS.reject).task).toMatchObject({
    state: "failed",
    rejections: 1,
  });
});

test("a dead-letter that was set to a stage and is rejected again fails again, and its counter says no more than past the limit", () => {
  const dead = taskAt("failed", "dev", { rejections: 4 });
  const set = decided(dead, COMMANDS.set_stage).task;
  const running = decided({ ...set, due_at: NOW }, COMMANDS.claim).task;
  const ref = { lease_id: "a new lease", epoch: running.epoch };
  expect(decided(running, { ...COMMANDS.reject, ...ref } as Command).task).toMatchObject({
    state: "failed",
    rejections: 4,
  });
});

test("the third charged failure is the last", () => {
  expect(decided(taskAt("running", "qa", { failures: 1 }), COMMANDS.fail).task).toMatchObject({
    state: "pending",
    failures: 2,
  });
  expect(decided(taskAt("running", "qa", { failures: 2 }), COMMANDS.fail).task).toMatchObject({
    state: "failed",
    failures: 3,
  });
});

test.each(FAULTS)("a failure by fault of the %s is charged only when that is the task", (fault) => {
  const { task, event } = decided(taskAt("running", "qa", { failures: 2 }), { ...COMMANDS.fail, fault } as Command);
  expect(event.charged).toBe(fault === "task" ? "attempt" : "nothing");
  expect(task).toMatchObject(fault === "task" ? { state: "failed", failures: 3 } : { state: "pending", failures: 2 });
});

test("the third crash is the last", () => {
  const over = { lease: { id: "the lease", expires_at: NOW } };
  expect(decided(taskAt("running", "qa", { ...over, crashes: 1 }), COMMANDS.expire).task).toMatchObject({
    state: "pending",
    crashes: 2,
  });
  expect(decided(taskAt("running", "qa", { ...over, crashes: 2 }), COMMANDS.expire).task).toMatchObject({
    state: "failed",
    crashes: 3,
  });
});

test("a failed attempt is due again after its delay, or after what the provider asked for when that is longer", () => {
  const delay = (more: object) =>
    decided(taskAt("running", "qa"), { ...COMMANDS.fail, ...more } as Command).task.due_at - NOW;
  expect(delay({ random: 0.5 })).toBe(2_000);
  expect(delay({ random: 0.5, retry_after_ms: 1_000 })).toBe(2_000);
  expect(delay({ random: 0.5, retry_after_ms: 60_000 })).toBe(60_000);
  expect(delay({ random: 0, retry_after_ms: 1_000.4 })).toBe(1_001);
});

test("counters of a stage begin anew in the next stage, in a new visit and when reopened, and at no other time", () => {
  const fresh = { attempt: 0, failures: 0, crashes: 0 };
  expect(decided(taskAt("running", "qa"), COMMANDS.pass).task).toMatchObject({ ...fresh, rejections: 1 });
  expect(decided(taskAt("pending", "dev"), COMMANDS.send_back).task).toMatchObject({ ...fresh, rejections: 2 });
  expect(decided(taskAt("failed", "sec"), COMMANDS.set_stage).task).toMatchObject({ ...fresh, rejections: 1 });
  expect(decided(taskAt("failed", "sec"), COMMANDS.reopen).task).toMatchObject({
    failures: 0,
    crashes: 0,
    rejections: 0,
  });
  const kept = { attempt: 2, failures: 1, crashes: 1, rejections: 1 };
  expect(decided(taskAt("running", "qa"), COMMANDS.release).task).toMatchObject(kept);
  expect(decided(taskAt("running", "qa"), COMMANDS.block).task).toMatchObject(kept);
  expect(decided(taskAt("blocked", "qa"), COMMANDS.unblock).task).toMatchObject(kept);
});

test("a block says what it waits for and until when, and an unblock forgets it", () => {
  const { task } = decided(taskAt("running", "qa"), COMMANDS.block);
  expect(task.block).toEqual({ kind: "quota", reason: "used up", until: NOW + 5_000 });
  const { until_ms: _, ...open } = COMMANDS.block as Extract<Command, { name: "block" }>;
  expect(decided(taskAt("running", "qa"), open).task.block).toMatchObject({ until: null });
  expect(decided(task, COMMANDS.unblock).task).toMatchObject({ block: null, due_at: NOW });
});

test("the event says who, what and why", () => {
  expect(decided(taskAt("pending", "qa"), COMMANDS.claim).event.data).toEqual({
    lease_id: "a new lease",
    lease_ms: 60_000,
    agent_id: "agent",
  });
  expect(decided(taskAt("running", "qa"), COMMANDS.reject).event.data).toEqual({ reasons: ["a bug"] });
  expect(decided(taskAt("running", "qa"), COMMANDS.fail).event.data).toMatchObject({ fault: "task", message: "no" });
  expect(decided(taskAt("pending", "qa"), COMMANDS.advance).event.data).toEqual({ notes: "seen" });
  expect(decided(taskAt("pending", "qa"), COMMANDS.cancel).event.data).toEqual({ reason: "not wanted" });
});
