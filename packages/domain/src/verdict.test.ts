/** Verdicts: evidence decides, and what the agent says can only make it worse. */
import { expect, test } from "vitest";
import { FINDING_KINDS, normaliseFinding, SEVERITIES } from "./findings.ts";
import { type Check, computeVerdict } from "./verdict.ts";

const finding = (more: object) => normaliseFinding({ title: "it", ...more }, "finding");
const check = (exit_code: number | null): Check => ({
  name: "tests",
  command: "npm test",
  exit_code,
  duration_ms: 1,
  output: "",
});
const nothing = { claimed: null, findings: [], checks: [] };

const cases = FINDING_KINDS.flatMap((kind) => SEVERITIES.map((severity) => ({ kind, severity })));

test.each(cases)("an open $severity $kind", ({ kind, severity }) => {
  const rejects = kind === "bug" || severity === "critical" || severity === "high";
  const { verdict, reasons } = computeVerdict({ ...nothing, claimed: "pass", findings: [finding({ kind, severity })] });
  expect(verdict).toBe(rejects ? "reject" : "pass");
  expect(reasons).toEqual(rejects ? [`open ${severity} ${kind}: it`] : []);
});

test.each(cases)("a fixed $severity $kind passes", ({ kind, severity }) => {
  const findings = [finding({ kind, severity, status: "fixed" })];
  expect(computeVerdict({ ...nothing, findings })).toEqual({ verdict: "pass", reasons: [] });
});

test("a failed check rejects whatever the agent says", () => {
  expect(computeVerdict({ ...nothing, claimed: "pass", checks: [check(0), check(1)] })).toEqual({
    ...{ verdict: "reject", reasons: ["check tests (npm test) ended with exit code 1"] },
  });
});

test("a check that did not finish is a failed check", () => {
  expect(computeVerdict({ ...nothing, checks: [check(null)] }).reasons).toEqual([
    "check tests (npm test) did not finish",
  ]);
});

test("an agent may reject clean work, and its word does not make bad work pass", () => {
  expect(computeVerdict({ ...nothing, claimed: "reject" })).toEqual({
    verdict: "reject",
    reasons: ["the agent rejected it"],
  });
  expect(computeVerdict({ ...nothing, claimed: "pass", findings: [finding({ severity: "high" })] }).verdict).toBe(
    "reject",
  );
});

test("clean work passes, with or without the agent's word", () => {
  expect(computeVerdict({ ...nothing, checks: [check(0)] })).toEqual({ verdict: "pass", reasons: [] });
  expect(computeVerdict({ ...nothing, claimed: "pass" })).toEqual({ verdict: "pass", reasons: [] });
});
