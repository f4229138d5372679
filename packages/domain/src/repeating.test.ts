/** A loop ends at once only when the same open finding comes back and dev has changed nothing that could be seen. */
import { expect, test } from "vitest";
import { normaliseFinding } from "./findings.ts";
import { type DevWork, type Rejections, repeatedFinding } from "./repeating.ts";

const bug = (title: string, more: object = {}) => normaliseFinding({ title, ...more }, "bug");

function dev(more: Partial<DevWork> = {}): DevWork {
  return {
    output_summary: "did it",
    output_artifacts: [],
    output_decisions: [],
    output_metrics: {},
    checksums: new Map(),
    ...more,
  };
}

const SAME: Rejections = {
  ...{ findings: [bug("off by 1")], findings_before: [bug("off by 2")] },
  ...{ dev_before: dev({ output_metrics: { commit: "c1" } }), dev_after: dev({ output_metrics: { commit: "c1" } }) },
};
const file = { type: "file", path: "a.ts", action: "modified" } as const;

test("the same finding on the same commit repeats, whatever else is found and said", () => {
  const findings = [bug("another", { severity: "critical" }), bug("off by 3")];
  const dev_after = dev({ output_summary: "mended", output_artifacts: [file], output_metrics: { commit: "c1" } });
  expect(repeatedFinding({ ...SAME, findings, dev_after })?.title).toBe("off by 3");
});

test("the worst one is named", () => {
  const findings = [bug("a", { severity: "low" }), bug("b", { severity: "high" })];
  expect(repeatedFinding({ ...SAME, findings, findings_before: findings })?.title).toBe("b");
});

const CHANGES: [string, Partial<Rejections>][] = [
  ["a new commit", { dev_after: dev({ output_metrics: { commit: "c2" } }) }],
  ["another finding", { findings: [bug("off the rails")] }],
  ["a finding that is fixed now", { findings: [bug("off by 1", { status: "fixed" })] }],
  ["a finding that was fixed before", { findings_before: [bug("off by 1", { status: "fixed" })] }],
  ["no finding before", { findings_before: [] }],
  ["a file more, without commits", { dev_before: dev(), dev_after: dev({ output_artifacts: [file] }) }],
  ["a file less, without commits", { dev_before: dev({ output_artifacts: [file] }), dev_after: dev() }],
  [
    "a commit where there was none",
    { dev_before: dev(), dev_after: dev({ output_artifacts: [file], output_metrics: { commit: "c" } }) },
  ],
  [
    "another content",
    { dev_before: dev({ checksums: new Map([["a", "1"]]) }), dev_after: dev({ checksums: new Map([["a", "2"]]) }) },
  ],
  ["one content more", { dev_before: dev(), dev_after: dev({ checksums: new Map([["a", "2"]]) }) }],
];

test.each(CHANGES)("with %s the loop goes on", (_, more) => {
  expect(repeatedFinding({ ...SAME, ...more })).toBe(null);
});

test("without commits the same files and contents are no change", () => {
  const same = { output_artifacts: [file], checksums: new Map([["a", "1"]]) };
  expect(repeatedFinding({ ...SAME, dev_before: dev(same), dev_after: dev(same) })?.title).toBe("off by 1");
});
