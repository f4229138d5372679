/** What the line adds to a packet. */
import { expect, test } from "vitest";
import { diffPackets, enrich } from "./enrich.ts";
import { PacketDraft, SUMMARY_MAX } from "./packet.ts";

const file = (path: string, action: "created" | "modified" | "deleted" = "modified") => ({
  type: "file" as const,
  path,
  action,
});
const decision = (text: string) => ({ decision: text, rationale: "because" });
const draft = PacketDraft.parse({ output_summary: "did it" });
const bare = { draft, usage: {}, previous: null, source: null };

test("the first packet of a phase has version 1 and nothing before it", () => {
  expect(enrich(bare)).toMatchObject({
    version: 1,
    previous_version_id: null,
    diff_from_previous: null,
    summary_cut: false,
  });
});

test("the next packet counts on and points to the one before", () => {
  const previous = { id: "before", version: 4, ...draft };
  expect(enrich({ ...bare, previous })).toMatchObject({ version: 5, previous_version_id: "before" });
});

test("cost that nobody told is unknown, not zero", () => {
  expect(enrich(bare)).toMatchObject({ cost_tokens_in: null, cost_tokens_out: null, cost_usd: null });
  const usage = { tokens_in: 0, tokens_out: 7, cost_usd: "0.250000" };
  expect(enrich({ ...bare, usage })).toMatchObject({ cost_tokens_in: 0, cost_tokens_out: 7, cost_usd: "0.250000" });
});

test("a packet names the packet its work started from", () => {
  expect(enrich(bare)).toMatchObject({ input_source_phase: null, input_source_packet_id: null });
  const source = { id: "source", phase: "qa" };
  expect(enrich({ ...bare, source })).toMatchObject({ input_source_phase: "qa", input_source_packet_id: "source" });
});

test("a summary that is too long is cut between characters, and the packet says so", () => {
  const long = `${"x".repeat(SUMMARY_MAX - 1)}😀 and more`;
  const packet = enrich({ ...bare, draft: { ...draft, output_summary: long } });
  expect(packet).toMatchObject({ output_summary: "x".repeat(SUMMARY_MAX - 1), summary_cut: true });
});

test("a summary that just fits is kept as it is", () => {
  const packet = enrich({ ...bare, draft: { ...draft, output_summary: "x".repeat(SUMMARY_MAX) } });
  expect(packet).toMatchObject({ output_summary: "x".repeat(SUMMARY_MAX), summary_cut: false });
});

test("the difference names files and decisions that came, went and changed", () => {
  const before = {
    output_summary: "one",
    output_artifacts: [file("stays"), file("changes"), file("goes")],
    output_decisions: [decision("kept"), decision("dropped")],
  };
  const after = {
    output_summary: "two",
    output_artifacts: [file("stays"), file("changes", "deleted"), file("comes", "created")],
    output_decisions: [decision("kept"), decision("new")],
  };
  expect(diffPackets(before, after)).toEqual({
    ...{
      summary_changed: true,
      artifacts_added: ["comes"],
      artifacts_removed: ["goes"],
      artifacts_changed: ["changes"],
    },
    ...{ decisions_added: ["new"], decisions_removed: ["dropped"] },
  });
});

test("two packets that say the same differ in nothing", () => {
  const one = { output_summary: "one", output_artifacts: [file("a")], output_decisions: [decision("b")] };
  expect(diffPackets(one, structuredClone(one))).toEqual({
    ...{ summary_changed: false, artifacts_added: [], artifacts_removed: [], artifacts_changed: [] },
    ...{ decisions_added: [], decisions_removed: [] },
  });
});

test("the difference is taken from the summary as it is kept", () => {
  const long = "x".repeat(SUMMARY_MAX + 5);
  const previous = { id: "before", version: 1, ...draft, output_summary: long.slice(0, SUMMARY_MAX) };
  const packet = enrich({ ...bare, previous, draft: { ...draft, output_summary: long } });
  expect(packet.diff_from_previous?.summary_changed).toBe(false);
});
