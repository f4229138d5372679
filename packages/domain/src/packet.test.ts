/** Packet drafts and usage as agents hand them in. */
import { expect, test } from "vitest";
import { Usage } from "./outcomes.ts";
import { PacketDraft } from "./packet.ts";

const whole = {
  output_summary: "did it",
  output_artifacts: [{ type: "file", path: "src/a.js", action: "modified" }],
  output_decisions: [{ decision: "a", rationale: "b", alternatives_considered: ["c"] }],
  output_metrics: { tests: 3 },
  activity_log: [{ timestamp: "2026-01-02T03:04:05+02:00", event: "began", detail: { a: 1 } }],
};

test("a summary is enough", () => {
  expect(PacketDraft.parse({ output_summary: "did it" })).toEqual({
    ...{ output_summary: "did it", output_artifacts: [], output_decisions: [], output_metrics: {}, activity_log: [] },
  });
});

test("a full draft is taken as it is", () => {
  expect(PacketDraft.parse(whole)).toEqual(whole);
});

test.each([
  ["no summary", {}],
  ["an empty summary", { output_summary: "" }],
  ["a NUL", { output_summary: "a\0" }],
  ["an unknown field", { ...whole, approved: true }],
  ["an unknown artifact type", { ...whole, output_artifacts: [{ type: "virus", path: "a", action: "created" }] }],
  ["a decision without a reason", { ...whole, output_decisions: [{ decision: "a" }] }],
  ["a time that is none", { ...whole, activity_log: [{ timestamp: "yesterday", event: "a" }] }],
])("a draft with %s is refused", (_, draft) => {
  expect(PacketDraft.safeParse(draft).success).toBe(false);
});

test("usage is whole tokens and exact money, and all of it may be left out", () => {
  expect(Usage.parse({})).toEqual({});
  expect(Usage.parse({ tokens_in: 1, cost_usd: 0.5 })).toEqual({ tokens_in: 1, cost_usd: "0.500000" });
  for (const bad of [
    { tokens_in: -1 },
    { tokens_in: 1.5 },
    { tokens_out: 1e15 },
    { cost_usd: "x" },
    { model: "" },
    { other: 1 },
  ]) {
    expect(Usage.safeParse(bad).success).toBe(false);
  }
});
