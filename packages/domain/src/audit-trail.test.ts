/** The audit trail: states of phases, where the feature is, totals and events. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { auditTrail, EVENTS_MAX, type TrailPacket } from "./audit-trail.ts";
import { sumTold } from "./figures.ts";
import { PHASE_NAMES, type Phase } from "./phases.ts";
import { told } from "./testing/packets.ts";

const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();

function packet(phase: Phase, version = 1, more: Partial<TrailPacket> = {}): TrailPacket {
  return {
    ...{ id: `${phase} ${version}`, phase, version, status: "completed", agent_name: "Ada" },
    ...{
      started_at: null,
      completed_at: at(version),
      created_at: at(version),
      rejection_reason: null,
      loop_backs: null,
    },
    ...{ duration_ms: null, cost_tokens_in: null, cost_tokens_out: null, cost_usd: null },
    ...more,
  };
}

const where = (...packets: TrailPacket[]) => {
  const { current_phase, percent } = auditTrail(packets);
  return `${current_phase} ${percent}`;
};

test("a feature goes from planning to done, an eighth a phase", () => {
  expect(where()).toBe("planning 0");
  const packets = PHASE_NAMES.map((phase) => packet(phase));
  expect(packets.map((_, i) => where(...packets.slice(0, i + 1)))).toEqual([
    ...["design_review 12", "in_progress 25", "qa_review 37", "review 50"],
    ...["approved 62", "pr_submitted 75", "done 87", "done 100"],
  ]);
});

test("what is worked on or was sent back is where the feature is, even behind what was done", () => {
  const done = [packet("planning"), packet("design_review"), packet("in_progress"), packet("qa_review")];
  expect(where(...done, packet("in_progress", 2, { status: "in_progress" }))).toBe("in_progress 25");
  expect(where(...done, packet("qa_review", 2, { status: "rejected" }))).toBe("qa_review 37");
  expect(where(...done, packet("qa_review", 2, { status: "rejected" }), packet("qa_review", 3))).toBe("review 50");
});

test("a phase that was left out is passed once a later one is done, and still waits by itself", () => {
  const trail = auditTrail([packet("in_progress")]);
  expect(trail.phases.slice(0, 3).map(({ state }) => state)).toEqual(["waiting", "waiting", "done"]);
  expect(trail).toMatchObject({ current_phase: "qa_review", percent: 37 });
});

test("the current packet of a phase is its newest version", () => {
  const [planning] = auditTrail([packet("planning", 2, { status: "rejected" }), packet("planning", 1)]).phases;
  expect(planning?.versions.map(({ version }) => version)).toEqual([2, 1]);
  expect(planning).toMatchObject({ state: "rejected", rejections: 1 });
});

test("what went back within a version counts as a rejection too", () => {
  const [planning] = auditTrail([
    packet("planning", 1, { loop_backs: 3 }),
    packet("planning", 2, { status: "rejected" }),
  ]).phases;
  expect(planning?.rejections).toBe(4);
});

test("the totals are the sums of all versions, and of the phases", () => {
  const any = fc.tuple(fc.constantFrom(...PHASE_NAMES), told);
  fc.assert(
    fc.property(fc.array(any), (made) => {
      const packets = made.map(([phase, figures], i) => packet(phase, i + 1, figures));
      const { totals, phases } = auditTrail(packets);
      expect(totals).toEqual(sumTold(packets));
      expect(phases).toHaveLength(8);
      for (const phase of phases) expect(phase).toMatchObject(sumTold(phase.versions));
      expect(phases.flatMap(({ versions }) => versions)).toHaveLength(packets.length);
    }),
  );
});

test("events tell in order what began, what was noted and how it ended", () => {
  const log = [
    { timestamp: "2026-01-01T01:03:00+01:00", event: "ran tests", detail: "all" },
    { timestamp: at(4), event: "counted", detail: { lines: 2 } },
  ];
  const rejected = { status: "rejected" as const, rejection_reason: "too slow", completed_at: at(5) };
  const { events } = auditTrail([
    packet("qa_review", 1, { ...rejected, started_at: at(2), activity_log: log }),
    packet("in_progress", 1, { started_at: at(0), completed_at: at(1) }),
    packet("in_progress", 2, { status: "in_progress", completed_at: null, created_at: at(6) }),
  ]);
  expect(events.map((event) => `${event.at.slice(14, 16)} ${event.kind}: ${event.text}`)).toEqual([
    ...["00 started: Build started by Ada", "01 completed: Build completed by Ada", "02 started: Test started by Ada"],
    ...["03 log: ran tests: all", '04 log: counted: {"lines":2}', "05 rejected: Test rejected by Ada: too slow"],
    "06 started: Build started by Ada",
  ]);
});

test("of very many events the newest are told, and a long text is cut", () => {
  const log = Array.from({ length: EVENTS_MAX + 5 }, (_, i) => ({
    timestamp: at(i),
    event: "x",
    detail: "y".repeat(900),
  }));
  const { events } = auditTrail([packet("planning", 1, { activity_log: log, completed_at: at(9_999) })]);
  expect(events).toHaveLength(EVENTS_MAX);
  expect(events.at(-1)?.kind).toBe("completed");
  expect(events[0]?.text).toHaveLength(500);
});

test("a note at a time that no clock shows stands where its packet was written", () => {
  const log = ["0000-01-01T00:00:00+23:00", "9999-12-31T23:59:59-23:00"].map((timestamp) => ({
    timestamp,
    event: "x",
  }));
  const { events } = auditTrail([packet("planning", 1, { activity_log: log, created_at: at(3) })]);
  expect(events.filter(({ kind }) => kind === "log").map((event) => event.at)).toEqual([at(3), at(3)]);
});
