/** What is made of an agent's last words when it left no handoff.json. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Extraction, extractPacket } from "./extract-packet.ts";
import { PacketDraft } from "./packet.ts";

function extract(more: Partial<Extraction> = {}) {
  return extractPacket({
    final_text: "",
    files: [],
    started_at: "2026-01-01T10:00:00.000Z",
    ended_at: "2026-01-01T10:01:30.500Z",
    milestones: [],
    usage: {},
    exit_code: 0,
    ...more,
  });
}

const summary = (final_text: string) => extract({ final_text }).packet.output_summary;
const decisions = (final_text: string) => extract({ final_text }).packet.output_decisions;

test("the summary is what was said last, cut to 5,000 characters and never within a character", () => {
  expect(summary("  All done.\n")).toBe("All done.");
  expect(summary("x".repeat(6_000))).toBe("x".repeat(5_000));
  expect(summary(`${"x".repeat(4_999)}🙂 tail`)).toBe("x".repeat(4_999));
});

test.each(["## Summary", "# Handoff", "### Hand-off notes", "## **Summary**", "## The summary of this"])(
  "a section called %s wins over the rest",
  (title) => {
    expect(summary(`I looked around.\n\n${title}\n\nThe fix is in.\nTests pass.\n\n# Next\nSleep.`)).toBe(
      "The fix is in.\nTests pass.",
    );
  },
);

test("sections of a lower rank stay inside, the last one that fits wins, an empty one does not count", () => {
  expect(summary("## Summary\nold\n## Summary\nnew\n### Detail\nmore\n## End\nx")).toBe("new\n### Detail\nmore");
  expect(summary("Hello\n## Summary\n\n## Other\ntext")).toBe("Hello\n## Summary\n\n## Other\ntext");
});

test("a heading inside a code block is not a heading", () => {
  expect(summary("Done.\n```md\n## Summary\nfake\n```")).toBe("Done.\n```md\n## Summary\nfake\n```");
});

test("silence is summarised by what was done, and by nothing else", () => {
  const files = [
    { path: "src/a.ts", action: "created" as const },
    { path: "b.ts", action: "deleted" as const },
  ];
  expect(extract({ files }).packet.output_summary).toBe("Changed 2 files: created src/a.ts, deleted b.ts.");
  expect(extract().packet.output_summary).toBe("Said nothing and changed nothing.");
});

test("artifacts are what the diff says, with types by path", () => {
  const files = [
    { path: "src/parse.test.ts", action: "created" as const },
    { path: "db/migrations/1.sql", action: "created" as const },
    { path: "docs/openapi.yaml", action: "modified" as const },
    { path: "src/Button.tsx", action: "modified" as const },
    { path: "package.json", action: "modified" as const },
    { path: "src/old.ts", action: "deleted" as const },
  ];
  expect(extract({ files }).packet.output_artifacts.map(({ type, action }) => `${type} ${action}`)).toEqual([
    ...["test created", "migration created", "spec modified", "component modified", "config modified", "file deleted"],
  ]);
});

test("lines that begin with Decision are decisions, with the reason beside or below", () => {
  expect(decisions("Decision: keep the old parser because users rely on it.")).toEqual([
    { decision: "keep the old parser", rationale: "users rely on it" },
  ]);
  expect(
    decisions("- **Decision 2:** drop Node 18\n  - Rationale: it is out of support\n  - Alternatives: a polyfill"),
  ).toEqual([{ decision: "drop Node 18", rationale: "it is out of support", alternatives_considered: "a polyfill" }]);
  expect(decisions("Decision: no cache")).toEqual([{ decision: "no cache", rationale: "not stated" }]);
});

test("a choice of one thing over another for a reason is a decision, wherever it stands in a line", () => {
  expect(decisions("It works now. I chose a Map over an object because keys may be numbers. Tests pass.")).toEqual([
    {
      decision: "Chose a Map over an object",
      rationale: "keys may be numbers",
      alternatives_considered: "an object",
    },
  ]);
  expect(decisions("Decision: went with zod rather than ajv, since it is here already")).toMatchObject([
    { decision: "Chose zod over ajv", rationale: "it is here already" },
  ]);
});

test("prose, code and half a choice are no decisions, and one said twice is one", () => {
  expect(decisions("This is a decision for later. I chose well.\n```\nDecision: in code\n```")).toEqual([]);
  expect(decisions("I chose speed over beauty.")).toEqual([]);
  expect(decisions("Decision: a because b\nDecision: A because b")).toHaveLength(1);
});

test("times are measured, tokens and cost are told or null", () => {
  expect(extract()).toMatchObject({ duration_ms: 90_500, tokens_in: null, tokens_out: null, cost_usd: null });
  const usage = { tokens_in: 5, tokens_out: 0, cost_usd: "0.010000", model: "m" };
  expect(extract({ usage })).toMatchObject({ tokens_in: 5, tokens_out: 0, cost_usd: "0.010000", model: "m" });
  expect(extract({ ended_at: "2026-01-01T09:00:00.000Z" }).duration_ms).toBe(0);
});

test("the activity log has the start, the milestones and the end", () => {
  const milestones = [
    { at: "2026-01-01T10:00:30.000Z", text: "ran  the\ntests" },
    { at: "2026-01-01T10:00:31.000Z", text: " " },
  ];
  expect(extract({ milestones, exit_code: 3 }).packet.activity_log).toEqual([
    { timestamp: "2026-01-01T10:00:00.000Z", event: "start" },
    { timestamp: "2026-01-01T10:00:30.000Z", event: "ran the tests" },
    { timestamp: "2026-01-01T10:01:30.500Z", event: "end", detail: { duration_ms: 90_500, exit_code: 3 } },
  ]);
});

test("whatever an agent says and does, the packet is one that the line takes", () => {
  const path = fc.record({
    path: fc.string({ unit: "binary" }),
    action: fc.constantFrom("created" as const, "deleted" as const),
  });
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 400 }), fc.array(path), (said, files) => {
      for (const final_text of [
        said,
        `Decision: ${said}`,
        `Chose ${said} over ${said} because ${said}\n## Summary\n`,
      ]) {
        const milestones = [{ at: "2026-01-01T10:00:30.000Z", text: said }];
        expect(PacketDraft.safeParse(extract({ final_text, files, milestones }).packet).error).toBeUndefined();
      }
    }),
  );
});

test("a hostile line costs next to no time", () => {
  const begun = performance.now();
  decisions(`Chose ${"over because chose ".repeat(100)}\n`.repeat(500));
  expect(performance.now() - begun).toBeLessThan(2_000);
});
