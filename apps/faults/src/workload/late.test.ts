/** Only what a frozen process held and handed over afterwards counts as late for its freeze. */
import { expect, test } from "vitest";
import type { Call, Fault } from "../history/read.ts";
import { frozenName, lateOfFrozen } from "./late.ts";

const held = { task_id: "t", run_id: "r", lease_id: "l", epoch: 1, stage: "dev", visit: 1 } as const;

/** A claim that was answered, and the result that was handed over. */
function story({ claimed_at = 10, sent_at = 40, actor = "agents-1", status = 410 }): Call[] {
  const lease = { ...held, attempt: 1, expires_at: "", packet_id: null, packet: null };
  const told = { id: "1", actor, invoked_at: claimed_at - 1 };
  const late = { id: "2", actor, invoked_at: sent_at };
  return [
    {
      ...told,
      operation: { op: "claim", claim_id: "c", stages: ["dev"], agent_id: "a" },
      end: { type: "ok", at: claimed_at, answer: { lease } },
    },
    {
      ...late,
      operation: { op: "complete", ...held, key: "k", result: "pass", packet: "p" },
      end: { type: "fail", at: sent_at + 1, status, code: "lease_lost" },
    },
  ];
}

const fault = (name: string, phase: "begin" | "end", at: number): Fault => ({
  ...{ type: "fault", id: `${name} ${phase}`, actor: "scenario", at, fault: name, phase },
});

/** From 20 to 30. */
const FROZEN = [fault(frozenName("agents-1"), "begin", 20), fault(frozenName("agents-1"), "end", 30)];

test("a result that was held while its process was frozen, and refused after it, counts", () => {
  expect(lateOfFrozen(story({}), FROZEN)).toBe(1);
});

test("without a freeze no late result counts, however many there are", () => {
  expect(lateOfFrozen([...story({}), ...story({}), ...story({})], [])).toBe(0);
  expect(lateOfFrozen(story({}), [fault("kill -9", "begin", 20), fault("kill -9", "end", 30)])).toBe(0);
});

test("another process, a lease of after the freeze, a result of before its end, another refusal: none counts", () => {
  expect(lateOfFrozen(story({ actor: "agents-2" }), FROZEN)).toBe(0);
  expect(lateOfFrozen(story({ claimed_at: 35 }), FROZEN)).toBe(0);
  expect(lateOfFrozen(story({ claimed_at: 25 }), FROZEN)).toBe(0);
  expect(lateOfFrozen(story({ sent_at: 25 }), FROZEN)).toBe(0);
  expect(lateOfFrozen(story({ status: 409 }), FROZEN)).toBe(0);
});

test("a result whose claim was never answered, or whose process was never thawed, does not count", () => {
  expect(lateOfFrozen(story({}).slice(1), FROZEN)).toBe(0);
  expect(lateOfFrozen(story({}), FROZEN.slice(0, 1))).toBe(0);
});

test("each freeze of a process is one of its own", () => {
  const again = [fault(frozenName("agents-1"), "begin", 120), fault(frozenName("agents-1"), "end", 130)];
  const late = [...story({}), ...story({ claimed_at: 110, sent_at: 140 }).map((call) => renamed(call))];
  expect(lateOfFrozen(late, [...FROZEN, ...again])).toBe(2);
  expect(lateOfFrozen(story({ claimed_at: 110, sent_at: 125 }), [...FROZEN, ...again])).toBe(0);
});

function renamed(call: Call): Call {
  const text = JSON.stringify(call).replaceAll('"lease_id":"l"', '"lease_id":"other"');
  return JSON.parse(text) as Call;
}
