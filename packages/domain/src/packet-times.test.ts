/** When the work of a packet began, ended, and how long it took. */
import { expect, test } from "vitest";
import { settleTimes } from "./packet-times.ts";

const NOW = new Date("2026-01-01T12:00:00Z");
const before = (ms: number) => new Date(NOW.getTime() - ms);

test("what is not in progress has ended now, when nobody says when", () => {
  for (const status of ["completed", "rejected"] as const) {
    expect(settleTimes({ status }, NOW)).toEqual({
      ...{ ok: true, value: { started_at: null, completed_at: NOW, duration_ms: null } },
    });
  }
});

test("what is in progress has no end, and takes no time but the one that is told", () => {
  const started_at = before(500);
  const open = { started_at, completed_at: null };
  expect(settleTimes({ status: "in_progress", started_at }, NOW)).toMatchObject({
    value: { ...open, duration_ms: null },
  });
  expect(settleTimes({ status: "in_progress", started_at, duration_ms: 7 }, NOW)).toMatchObject({
    value: { ...open, duration_ms: 7 },
  });
});

test("the duration is what lies between, unless it is told", () => {
  const given = { status: "completed" as const, started_at: before(500) };
  expect(settleTimes(given, NOW)).toMatchObject({ value: { duration_ms: 500, completed_at: NOW } });
  expect(settleTimes({ ...given, completed_at: before(100) }, NOW)).toMatchObject({ value: { duration_ms: 400 } });
  expect(settleTimes({ ...given, duration_ms: 0 }, NOW)).toMatchObject({ value: { duration_ms: 0 } });
  expect(settleTimes({ ...given, completed_at: given.started_at }, NOW)).toMatchObject({ value: { duration_ms: 0 } });
});

test("nothing ends before it began, and nothing began in the future", () => {
  const wrong = settleTimes({ status: "completed", started_at: before(1), completed_at: before(2) }, NOW);
  expect(wrong).toMatchObject({
    ok: false,
    problem: { code: "invalid_request", errors: [{ pointer: "/completed_at" }] },
  });
  for (const status of ["completed", "in_progress"] as const) {
    const early = settleTimes({ status, started_at: before(-1) }, NOW);
    expect(early).toMatchObject({ ok: false, problem: { errors: [{ pointer: "/started_at" }] } });
  }
});

test("what is told to have ended in the future may have begun there", () => {
  const given = { status: "completed" as const, started_at: before(-10), completed_at: before(-30) };
  expect(settleTimes(given, NOW)).toMatchObject({ ok: true, value: { duration_ms: 20 } });
});
