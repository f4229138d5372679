/** Findings that are too much for one body: all of them where possible, shorter. */
import { type FindingInput, normaliseFinding, rejects } from "@baton/domain";
import { expect, test } from "vitest";
import { fittingFindings, rejectingFirst } from "./fitting-findings.ts";

const finding = (n: number, description: string, title = `test ${n} fails`): FindingInput => ({
  ...{ title, kind: "bug", severity: "high", description },
});
const bytes = (findings: readonly FindingInput[]) => Buffer.byteLength(JSON.stringify(findings));

test("what fits stays as it is", () => {
  const few = [finding(1, "x".repeat(20_000)), finding(2, "")];
  expect(fittingFindings(few)).toEqual(few);
});

test.each([
  ["plain text", "at Object.run (a.js:1)\n".repeat(300)],
  ["text of many bytes", "\u0001\u{1F600}é".repeat(2_000)],
])("two hundred stack traces are all told, each shorter: %s", (_, trace) => {
  const many = Array.from({ length: 200 }, (__, n) => finding(n, trace));
  const fitting = fittingFindings(many);
  expect(fitting.map(({ title }) => title)).toEqual(many.map(({ title }) => title));
  expect(bytes(fitting)).toBeLessThanOrEqual(601_000);
  for (const { description = "" } of fitting) expect(trace.startsWith(description.slice(0, 100))).toBe(true);
});

test("where not even the titles fit, the first ones are told", () => {
  const many = Array.from({ length: 500 }, (_, n) => finding(n, "", `${n} ${"\u0001".repeat(900)}`));
  const fitting = fittingFindings(many);
  expect(fitting.length).toBeGreaterThan(50);
  expect(fitting).toEqual(many.slice(0, fitting.length).map(({ description: _, ...rest }) => rest));
  expect(bytes(fitting)).toBeLessThanOrEqual(601_000);
});

test("what rejects is told before what does not, however much of that there is", () => {
  const title = (n: number) => `${n} ${"\u00e9".repeat(900)}`;
  const harmless = Array.from({ length: 499 }, (_, n) =>
    normaliseFinding({ title: title(n), severity: "low", description: "" }, "finding"),
  );
  const decides = normaliseFinding(
    { title: "the key is in the repository", severity: "critical", description: "" },
    "finding",
  );
  const ordered = rejectingFirst([...harmless, decides]);
  expect(ordered).toEqual([decides, ...harmless]);
  expect(ordered.filter(rejects)).toEqual([decides]);
  const fitting = fittingFindings(ordered.map(({ title: told, severity, kind }) => ({ title: told, severity, kind })));
  expect(fitting.length).toBeLessThan(500);
  expect(fitting[0]).toMatchObject({ title: "the key is in the repository", severity: "critical" });
});
