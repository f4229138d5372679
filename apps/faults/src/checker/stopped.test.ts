/** Artifacts, pauses and kills: what was answered holds, and what was lost forbids nothing. */
import { describe, expect, test } from "vitest";
import type { End } from "../history/read.ts";
import { checkAll } from "./check.ts";
import { beats, begun, claims, completes, finished, RUN, type Story, say } from "./testing/story.ts";

const told = ({ calls, evidence }: Story) => [...new Set(checkAll(calls, evidence).map(({ invariant }) => invariant))];

const LOST: End = { type: "info", reason: "nobody answered" };
const ORDER = "linearizable per task";
const ARTIFACT = "every artifact re-hashes";
const HOLD = "pause and kill hold";

describe("an artifact", () => {
  const put = (end: "ok" | "fail", stored: boolean): Story => {
    const teller = begun();
    const { op: _, ...held } = claims(teller);
    const call = say(teller, { op: "artifact", ...held, key: "put", name: "n", sha256: "c" }, {});
    if (end === "fail") call.end = { type: "fail", at: call.invoked_at + 1, status: 410, code: "lease_lost" };
    if (stored) teller.life.artifacts.push({ id: "a", lease_id: held.lease_id, name: "n", checksum: "c" });
    completes({ op: "heartbeat", ...held }, "pass", teller);
    return finished(teller);
  };

  test.each([
    ["ok", true, false],
    ["fail", false, false],
    ["ok", false, true],
    ["fail", true, true],
  ] as const)("answered with %s and stored: %s", (end, stored, wrong) => {
    expect(told(put(end, stored)).includes(ARTIFACT)).toBe(wrong);
  });
});

test("a file that is taken after its task went on is told", () => {
  const teller = begun();
  const { op: _, ...held } = claims(teller);
  completes({ op: "heartbeat", ...held }, "pass", teller);
  say(teller, { op: "artifact", ...held, key: "put", name: "n", sha256: "c" }, {});
  teller.life.artifacts.push({ id: "a", lease_id: held.lease_id, name: "n", checksum: "c" });
  expect(told(finished(teller))).toContain(ORDER);
});

test("a sign of life that is taken after its lease was over is told, one in time is not", () => {
  for (const [late_ms, wrong] of [
    [-1_000, false],
    [4_000, true],
  ] as const) {
    const teller = begun();
    const held = claims(teller);
    const [claimed] = teller.calls.flatMap(({ end }) =>
      end.type === "ok" && end.answer.lease ? [end.answer.lease] : [],
    );
    const over = Date.parse(claimed?.expires_at ?? "");
    const expires_at = new Date(over + late_ms + 5_000).toISOString();
    say(teller, held, { directive: "continue", expires_at });
    completes(held, "pass", teller);
    expect(told(finished(teller)).includes("one lease per task and epoch")).toBe(wrong);
  }
});

test.each([
  ["paused", 1, true],
  ["paused", 2, false],
  ["killed", 2, true],
  ["active", 1, false],
] as const)("in a run that was %s when event %i was committed: told is %s", (run_state, event, wrong) => {
  const teller = begun();
  completes(claims(teller), "pass", teller);
  Object.assign(teller.evidence.watched?.[event] ?? {}, { run_state });
  expect(told(finished(teller)).includes(HOLD)).toBe(wrong);
});

describe("pause and kill", () => {
  const stop = (op: "pause" | "resume" | "kill") => ({ op, run_id: RUN, key: op }) as const;

  test("a claim between a pause and its resume is told, one after the resume is not", () => {
    for (const [resumed, wrong] of [
      [false, true],
      [true, false],
    ] as const) {
      const teller = begun();
      say(teller, stop("pause"), {});
      if (resumed) say(teller, stop("resume"), {});
      completes(claims(teller), "pass", teller);
      const seen = told(finished(teller));
      expect(seen.includes(HOLD)).toBe(wrong);
      expect(seen.includes(ORDER)).toBe(wrong);
    }
  });

  test("a pause whose answer was lost forbids nothing for certain", () => {
    const teller = begun();
    say(teller, stop("pause"), {}).end = LOST;
    completes(claims(teller), "pass", teller);
    expect(told(finished(teller))).not.toContain(HOLD);
  });

  test("a claim and a result after a kill are told", () => {
    const teller = begun();
    say(teller, stop("kill"), {});
    completes(claims(teller), "pass", teller);
    const seen = told(finished(teller, "killed"));
    expect(seen).toContain(HOLD);
    expect(seen).toContain(ORDER);
  });

  test("a heartbeat that hears of no pause although there is one is told", () => {
    for (const [directive, wrong] of [
      ["continue", true],
      ["pause", false],
    ] as const) {
      const teller = begun();
      const held = claims(teller);
      say(teller, stop("pause"), {});
      beats(held, teller, directive);
      completes(held, "pass", teller);
      expect(told(finished(teller)).includes(ORDER)).toBe(wrong);
    }
  });
});
