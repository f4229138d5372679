/** Roll-ups: what a version sums, what it names, and that versions together are the whole. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { sumFigures, sumTold } from "./figures.ts";
import { LogEntry, PACKET_MAX_BYTES, PacketDraft } from "./packet.ts";
import { placesUntil, ROLLED_UP_PHASES, rollUp, type SummedPacket } from "./roll-up.ts";
import { type Joining, join, joined } from "./roll-up-outputs.ts";
import { told } from "./testing/packets.ts";

const NOTHING = { packets: 0, figures: sumTold([]) };
const run = { id: "run", name: "a run" };
const at = (minute: number) => new Date(Date.UTC(2026, 0, 1, 0, minute)).toISOString();
const outputs = (newest_first: Parameters<typeof join>[1]) => {
  const all: Joining = { artifacts: new Map(), decisions: new Map() };
  join(all, newest_first);
  return joined(all);
};
const EMPTY = outputs([]);

function packet(i: number, more: Partial<SummedPacket> = {}): SummedPacket {
  return {
    ...{ id: `p${i}`, task_id: `t${i % 3}`, task_title: `task ${i % 3}`, phase: "qa", version: 1, status: "completed" },
    ...{ started_at: at(i), completed_at: at(i + 1), created_at: at(i + 1), rejection_reason: null },
    ...{ duration_ms: null, cost_tokens_in: null, cost_tokens_out: null, cost_usd: null },
    ...more,
  };
}

const of = (packets: SummedPacket[], before = NOTHING) =>
  rollUp({ run, phase: "qa_review", packets, told: before, joined: EMPTY });

test("a phase is over when no task stands at its stages or before them", () => {
  expect(ROLLED_UP_PHASES.map((phase) => placesUntil(phase).join(" "))).toEqual([
    ...["none dev", "none dev qa", "none dev qa sec docs"],
  ]);
});

test("versions together take what all packets took, wherever they are cut apart", () => {
  fc.assert(
    fc.property(fc.array(told, { minLength: 2 }), fc.nat(), (figures, cut) => {
      const packets = figures.map((one, i) => packet(i, one));
      const first = packets.slice(0, 1 + (cut % (packets.length - 1)));
      const versions = [of(first), of(packets, { packets: first.length, figures: sumTold(first) })];
      const sums = versions.map(({ usage, times }) => ({
        ...{ duration_ms: times.duration_ms ?? 0, tokens_in: usage.tokens_in ?? 0, tokens_out: usage.tokens_out ?? 0 },
        cost_usd: usage.cost_usd ?? "0",
      }));
      expect(sumFigures(sums)).toEqual(sumTold(packets));
    }),
  );
});

test("what no packet told stays unknown", () => {
  expect(of([packet(0), packet(1)]).usage).toEqual({});
  expect(of([packet(0), packet(1, { cost_usd: "0.000000" })]).usage).toEqual({ cost_usd: "0.000000" });
});

test("a version begins with its first packet, ends with its last, and leaves out what an earlier one has told", () => {
  const packets = [packet(5), packet(1), packet(3)];
  expect(of(packets).times).toMatchObject({ started_at: new Date(at(1)), completed_at: new Date(at(6)) });
  const second = of(packets, { packets: 2, figures: sumTold([]) });
  expect(second.times).toMatchObject({ started_at: new Date(at(3)), completed_at: new Date(at(4)) });
  expect(second.draft.output_metrics).toEqual({ run_id: "run", tasks: 3, packets: 1, loop_backs: 0 });
});

test("each rejection is in the log with its reason, oldest first", () => {
  const rejected = (i: number) => packet(i, { status: "rejected", rejection_reason: `why ${i}` });
  const { draft } = of([rejected(0), packet(1), rejected(2)]);
  expect(draft.activity_log).toEqual([
    { timestamp: at(1), event: "rejected", detail: "task 0 (qa, version 1): why 0" },
    { timestamp: at(3), event: "rejected", detail: "task 2 (qa, version 1): why 2" },
  ]);
  expect(draft.output_metrics).toMatchObject({ packets: 3, loop_backs: 2 });
});

const file = (path: string, description = "") => ({
  type: "file" as const,
  path,
  action: "created" as const,
  description,
});

test("of two entries of one path or decision the newer stays", () => {
  const made = outputs([
    { output_artifacts: [file("a", "new")], output_decisions: [{ decision: "d", rationale: "new" }] },
    { output_artifacts: [file("a", "old"), file("b")], output_decisions: [{ decision: "d", rationale: "old" }] },
  ]);
  expect(made.artifacts).toEqual([file("a", "new"), file("b")]);
  expect(made.decisions).toEqual([{ decision: "d", rationale: "new" }]);
});

test("however much there is, the packet keeps its limits and says what is left off", () => {
  const output_artifacts = Array.from({ length: 3_000 }, (_, i) => file(`${i}`, "ü".repeat(500)));
  const output_decisions = Array.from({ length: 500 }, (_, i) => ({ decision: `${i}`, rationale: "x".repeat(2_000) }));
  const many = outputs([{ output_artifacts, output_decisions }]);
  const rejected = { status: "rejected" as const, rejection_reason: "\ud83d\ude00".repeat(5_000) };
  const packets = Array.from({ length: 3_000 }, (_, i) => packet(i, rejected));
  const { draft } = rollUp({
    run: { ...run, name: "n".repeat(200) },
    phase: "review",
    packets,
    told: NOTHING,
    joined: many,
  });
  expect(PacketDraft.parse(draft)).toEqual(draft);
  expect(Buffer.byteLength(JSON.stringify(draft))).toBeLessThan(PACKET_MAX_BYTES);
  expect(draft.output_artifacts.length).toBeGreaterThan(50);
  expect(draft.output_summary).toContain("did not fit");
  expect(draft.activity_log.at(-1)?.timestamp).toBe(at(3_000));
  for (const entry of draft.activity_log) expect(LogEntry.safeParse(entry).success).toBe(true);
});
