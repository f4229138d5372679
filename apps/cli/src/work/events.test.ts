/** How events read: as lines of JSON, and as words in a terminal. */
import { expect, test } from "vitest";
import { sayAsJson, sayInWords, type WorkEvent } from "./events.ts";

const ID = "0198c0de-0000-7000-8000-000000000001";

function words(event: WorkEvent): string {
  const lines: string[] = [];
  const terminal = { line: (text = "") => void lines.push(text), style: (_: unknown, text: string) => text };
  sayInWords(terminal as never)(event);
  return lines.join("\n");
}

test("each event is one line of JSON with its time, whatever is in it", () => {
  const lines: string[] = [];
  const say = sayAsJson(
    (line) => void lines.push(line),
    () => new Date(0),
  );
  say({ event: "output", stream: "stdout", text: "a\nb" });
  expect(lines).toEqual(['{"at":"1970-01-01T00:00:00.000Z","event":"output","stream":"stdout","text":"a\\nb"}\n']);
});

test("what agents print cannot steer the terminal", () => {
  expect(words({ event: "output", stream: "stdout", text: "\u001b[2Jgone\u202e" })).toBe("  |  [2Jgone");
  expect(words({ event: "output", stream: "stdout", text: '{"type":"result"}' })).toBe("");
});

test("results say what came of the work and why", () => {
  const done = { task_id: ID, duration_ms: 1_500, reasons: [], warnings: [] };
  expect(words({ event: "passed", ...done, warnings: ["/x: odd"] })).toBe("  passed after 1.5 s\n    - /x: odd");
  expect(words({ event: "rejected", ...done, reasons: ["a bug"] })).toBe("  rejected after 1.5 s\n    - a bug");
  const failed = { task_id: ID, fault: "provider", quota: true, retry_after_s: null, message: "limit" };
  expect(words({ event: "failed", ...failed })).toBe("  no quota (provider): limit");
  expect(words({ event: "thrown_away", task_id: ID, why: "cancelled" })).toBe("  the work is thrown away: cancelled");
  expect(words({ event: "released", task_id: ID, why: "asked to end" })).toBe("  given back: asked to end");
});
