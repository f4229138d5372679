/** Which packet of approval is owed, and what it says. */
import { expect, test } from "vitest";
import { type ApprovedRun, approval, approvalOwed } from "./approval.ts";
import { RUN_STATES } from "./states.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute));
const run = (state: ApprovedRun["state"], minute = 10): ApprovedRun => ({
  id: "run",
  name: "a run",
  state,
  updated_at: at(minute),
});
const last = (mark: number, minute: number) => ({ mark, at: at(minute), started_at: at(minute) });
const NONE = { artifacts: [], decisions: [], left_off: 0 };

test("only a run that is through is approved or waits for it", () => {
  const owed = RUN_STATES.filter((state) => approvalOwed(run(state), null) !== null);
  expect(owed).toEqual(["ready_for_commit", "completed"]);
});

test("waiting is mark 1, approved is mark 2, with or without waiting before", () => {
  expect(approvalOwed(run("ready_for_commit"), null)).toBe(1);
  expect(approvalOwed(run("completed"), null)).toBe(2);
  expect(approvalOwed(run("completed"), last(1, 5))).toBe(2);
});

test("what is written is not owed again, even when the approval began before the waiting was written", () => {
  expect(approvalOwed(run("ready_for_commit", 10), last(1, 11))).toBeNull();
  expect(approvalOwed(run("completed", 10), last(2, 11))).toBeNull();
  expect(approvalOwed(run("completed", 10), last(1, 11))).toBe(2);
});

test("a run that comes to its end a second time is approved a second time", () => {
  expect(approvalOwed(run("completed", 20), last(2, 11))).toBe(4);
  expect(approvalOwed(run("ready_for_commit", 20), last(2, 11))).toBe(3);
  expect(approvalOwed(run("ready_for_commit", 20), last(1, 11))).toBe(3);
});

test("waiting has begun and not ended; approval ends it", () => {
  const waits = approval(run("ready_for_commit"), null, NONE);
  expect(waits).toMatchObject({
    status: "in_progress",
    times: { started_at: at(10), completed_at: null, duration_ms: null },
  });
  expect(waits.draft.output_summary).toContain("waits for approval");
  const approved = approval(run("completed", 12), last(1, 10), NONE);
  expect(approved).toMatchObject({
    status: "completed",
    times: { started_at: at(10), completed_at: at(12), duration_ms: 120_000 },
  });
});

test("an approval never ends before it began", () => {
  for (const before of [null, last(1, 15), last(2, 5)]) {
    const { times } = approval(run("completed", 10), before, NONE);
    expect(times).toEqual({ started_at: at(10), completed_at: at(10), duration_ms: 0 });
  }
});
