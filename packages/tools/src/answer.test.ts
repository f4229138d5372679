/** What an agent reads after a refusal. */
import { ERRORS, type ErrorCode } from "@baton/domain";
import { expect, test } from "vitest";
import { refusal } from "./answer.ts";
import { NEXT_CALL } from "./next-call.ts";

const textOf = (problem: Parameters<typeof refusal>[0]) => {
  const { isError, content } = refusal(problem);
  expect(isError).toBe(true);
  const [block] = content;
  return block?.type === "text" ? block.text : "";
};

test.each(Object.keys(ERRORS) as ErrorCode[])("%s says its code, its detail and the next call", (code) => {
  const text = textOf({ code, detail: "because" });
  expect(text.split("\n")).toEqual([
    `${code} (${ERRORS[code].status})`,
    "because",
    expect.stringMatching(/^Next: .{20,}\.$/),
  ]);
});

test("every tool that an error sends to is one of ours, and none is an operator's", () => {
  const named = Object.values(NEXT_CALL).flatMap(
    (text) => text.match(/\b(task|queue|artifact|finding)_[a-z]+\b/g) ?? [],
  );
  const known = [
    "task_claim",
    "task_context",
    "task_complete",
    "task_block",
    "task_release",
    "task_create",
    "artifact_put",
  ];
  expect(known).toEqual(expect.arrayContaining([...new Set(named)]));
});

test("whatever helps is said: faults, what is allowed, who holds it, when to come back", () => {
  const errors = Array.from({ length: 25 }, (_, n) => ({ pointer: n === 0 ? "" : `/f/${n}`, detail: "is wrong" }));
  const holder = { agent_id: "qa-1", last_heartbeat_at: "2026-01-01T00:00:00Z", alive: true };
  const text = textOf({ code: "conflict", detail: "d", errors, allowed: ["pass"], holder, retry_after_s: 3 });
  expect(text).toContain("- /: is wrong\n- /f/1: is wrong");
  expect(text).toContain("- /f/19: is wrong\n- and 5 more\n");
  expect(text).toContain("Allowed now: pass.\nHeld by qa-1, alive.\nRetry after: 3 s.\nNext: ");
});
