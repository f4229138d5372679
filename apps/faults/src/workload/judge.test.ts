/** Which refusals are held against a round. */
import { expect, test } from "vitest";
import type { Operation } from "../history/entry.ts";
import type { Call, End } from "../history/read.ts";
import { oddRefusals } from "./judge.ts";

const HELD = { task_id: "t", run_id: "r", lease_id: "l", epoch: 1, stage: "dev", visit: 1, key: "k" } as const;
const COMPLETE: Operation = { op: "complete", ...HELD, result: "pass", packet: "" };
const CLAIM: Operation = { op: "claim", claim_id: "c", stages: ["dev"], agent_id: "a" };
const PAUSE: Operation = { op: "pause", run_id: "r", key: "k" };
const CREATE: Operation = { op: "create_run", key: "k", tasks: 1 };

const refused = (operation: Operation, status: number, code: string): Call => {
  const end: End = { type: "fail", at: 2, status, code };
  return { id: "1", actor: "agents-1", invoked_at: 1, operation, end };
};

test.each([
  [COMPLETE, 410, "lease_lost"],
  [COMPLETE, 409, "idempotency_in_progress"],
  [CLAIM, 409, "claim_id_used"],
  [CLAIM, 409, "conflict"],
  [PAUSE, 409, "run_closed"],
  [CREATE, 409, "idempotency_in_progress"],
])("%o may be refused with %i %s", (operation, status, code) => {
  expect(oddRefusals([refused(operation, status, code)])).toEqual([]);
});

test.each([
  [COMPLETE, 404, "not_found"],
  [COMPLETE, 401, "unauthenticated"],
  [COMPLETE, 409, "lease_lost"],
  [COMPLETE, 409, "conflict"],
  [COMPLETE, 409, "run_closed"],
  [CLAIM, 410, "lease_lost"],
  [PAUSE, 422, "idempotency_key_reused"],
  [CREATE, 409, "run_closed"],
])("%o refused with %i %s is told", (operation, status, code) => {
  const [told, ...more] = oddRefusals([refused(operation, status, code)]);
  expect(told?.detail).toBe(`${operation.op}: ${status} ${code}`);
  expect(more).toEqual([]);
});

test("an answer, and none at all, are no refusals", () => {
  const ends: End[] = [
    { type: "ok", at: 2, answer: {} },
    { type: "info", reason: "503 unavailable" },
  ];
  const calls = ends.map((end): Call => ({ ...refused(COMPLETE, 404, "not_found"), end }));
  expect(oddRefusals(calls)).toEqual([]);
});
