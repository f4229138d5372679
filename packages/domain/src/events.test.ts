/** Logs: what the first event makes of nothing, and what cannot be a log. */
import { expect, test } from "vitest";
import { decide } from "./decide.ts";
import { replay, submitted } from "./events.ts";
import { COMMANDS, NOW } from "./testing/index.ts";

const limits = { rejections: 3, attempts: 3, crashes: 3 };

test("a submitted task is pending at dev, in its first visit, due at once, with the limits of its day", () => {
  expect(replay([submitted("task", limits, false, NOW)])).toEqual({
    ...{ id: "task", stage: "dev", state: "pending", visit: 1, attempt: 0, epoch: 0, seq: 1 },
    ...{ failures: 0, crashes: 0, rejections: 0, limits, due_at: NOW, lease: null, block: null },
  });
});

test("a submitted task that has to wait is blocked by its dependencies", () => {
  const task = replay([submitted("task", limits, true, NOW)]);
  expect(task).toMatchObject({ state: "blocked", block: { kind: "dependency", until: null } });
});

test("a log replays to the task that its decisions gave", () => {
  const log = [submitted("task", limits, false, NOW)];
  let task = replay(log);
  for (const command of [COMMANDS.claim, COMMANDS.cancel, COMMANDS.reopen, COMMANDS.set_stage, COMMANDS.advance]) {
    const decision = decide(task, command, NOW + log.length);
    if (!decision.ok) throw new Error(decision.refusal.detail);
    log.push(decision.event);
    task = decision.task;
  }
  expect(replay(log)).toEqual(task);
  expect(task).toMatchObject({ stage: "docs", visit: 2, seq: 6 });
});

test("what does not begin with its submission is not a log", () => {
  const first = submitted("task", limits, false, NOW);
  expect(() => replay([])).toThrow("begins with the event submitted");
  expect(() => replay([{ ...first, type: "claimed" }])).toThrow("begins with the event submitted");
});
