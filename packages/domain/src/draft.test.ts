/** Drafts grow: nothing that was said before is lost by what is said now. */
import { expect, test } from "vitest";
import { addToDraft, draftLines, PartialPacket } from "./draft.ts";
import { normaliseFinding } from "./findings.ts";
import { PacketDraft } from "./packet.ts";

const finding = (title: string, severity: "low" | "high" = "low") => normaliseFinding({ title, severity }, "finding");

test("fields that are given take the place of the old ones, the others stay", () => {
  const first = addToDraft(null, { packet: { output_summary: "one", output_metrics: { a: 1 } } });
  const second = addToDraft(first, { packet: { output_summary: "two" } });
  expect(second.packet).toEqual({ output_summary: "two", output_metrics: { a: 1 } });
  expect(addToDraft(second, { findings: [finding("x")] }).packet).toEqual(second.packet);
});

test("a finding is kept once, as bad as it was ever said to be", () => {
  const first = addToDraft(null, { findings: [finding("a"), finding("b")] });
  const second = addToDraft(first, { findings: [finding("a", "high"), finding("c")] });
  expect(second.findings.map(({ title, severity }) => [title, severity])).toEqual([
    ["a", "high"],
    ["b", "low"],
    ["c", "low"],
  ]);
});

test("a draft may hold every field of a packet and needs none", () => {
  expect(PartialPacket.parse({})).toEqual({});
  expect(Object.keys(PartialPacket.shape)).toEqual(Object.keys(PacketDraft.shape));
  expect(PartialPacket.safeParse({ output_sumary: "x" }).success).toBe(false);
});

test("what it says is told in lines, and nothing where there is none", () => {
  const kept = {
    ...addToDraft(null, {
      packet: {
        output_summary: "half way",
        output_decisions: [{ decision: "a map", rationale: "fast" }],
        output_artifacts: [{ type: "file", path: "a.ts", action: "modified" }],
      },
      findings: [finding("slow")],
    }),
    ...{ attempt: 1, agent_id: "agent", saved_at: "2026-01-01T00:00:00.000Z" },
  };
  expect(draftLines(kept)).toEqual(["half way", "decided: a map (fast)", "modified a.ts", "found: [low finding] slow"]);
  expect(draftLines(null)).toEqual([]);
});
