/** SARIF as scanners write it. */
import { expect, test } from "vitest";
import { parseSarif } from "./sarif.ts";

function sarif(results: unknown[], rules: unknown[] = []): string {
  return JSON.stringify({ version: "2.1.0", runs: [{ tool: { driver: { name: "scan", rules } }, results }] });
}

function findings(text: string) {
  const parsed = parseSarif(text, "/w");
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.value;
}

test("a result becomes a vulnerability with its rule, place and message", () => {
  const physicalLocation = { artifactLocation: { uri: "file:///w/src/a%20b.ts" }, region: { startLine: 12 } };
  const result = {
    ruleId: "js/xss",
    level: "warning",
    message: { text: "Unescaped\nmore" },
    locations: [{ physicalLocation }],
  };
  expect(findings(sarif([result]))).toMatchObject([
    {
      kind: "vulnerability",
      title: "js/xss: Unescaped",
      severity: "medium",
      file: "src/a b.ts",
      line: 12,
      status: "open",
    },
  ]);
});

test.each([
  [{ level: "error" }, [], "high"],
  [{ level: "note" }, [], "low"],
  [{ level: "none" }, [], "info"],
  [{}, [], "medium"],
  [{ ruleId: "r" }, [{ id: "r", defaultConfiguration: { level: "error" } }], "high"],
  [{ ruleId: "r", level: "note" }, [{ id: "r", properties: { "security-severity": "9.8" } }], "critical"],
  [{ ruleIndex: 0 }, [{ id: "r", properties: { "security-severity": "5.0" } }], "medium"],
  [{ properties: { "security-severity": "0.0" }, level: "error" }, [], "info"],
])("%j with the rules %j is %s", (result, rules, severity) => {
  expect(findings(sarif([{ message: { text: "m" }, ...result }], rules))).toMatchObject([{ severity }]);
});

test("what passed, was suppressed or is gone is no finding", () => {
  const message = { text: "m" };
  const none = [
    { message, kind: "pass" },
    { message, baselineState: "absent" },
    { message, suppressions: [{ kind: "inSource" }] },
  ];
  expect(findings(sarif(none))).toEqual([]);
  expect(findings(sarif([{ message, suppressions: [{ kind: "external", status: "rejected" }] }]))).toHaveLength(1);
});

test.each([
  ["{}", /^\/version: /],
  ['{"version":"1.0.0","runs":[]}', /^\/version: /],
  ['{"version":"2.1.0","runs":[{"tool":{"driver":{}},"results":[{}]}]}', /^\/runs\/0\/results\/0\/message: /],
])("%s is refused with its place", (text, why) => {
  const parsed = parseSarif(text, "/w");
  expect(parsed.ok ? "" : parsed.why).toMatch(why);
});
