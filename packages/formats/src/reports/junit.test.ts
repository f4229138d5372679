/** JUnit as real tools write it. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseJunit } from "./junit.ts";

const TESTS = `import test from "node:test"; import assert from "node:assert";
test("adds", () => {});
test("subtracts", () => { assert.equal(1, 2); });
test("later", { skip: true }, () => {});
test("outer", async (t) => { await t.test("inner", () => { throw new Error("deep"); }); });
`;

/** What node:test prints about the tests above. */
function reported(folder: string): string {
  writeFileSync(join(folder, "a.test.mjs"), TESTS);
  try {
    return execFileSync(process.execPath, ["--test", "--test-reporter=junit", "a.test.mjs"], {
      cwd: folder,
      encoding: "utf8",
      env: {},
    });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

const COUNTS = { total: 4, passed: 1, failed: 2, skipped: 1 };

function openFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "baton-formats-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("node:test's JUnit report gives the counts and a bug for each failed test, with its file", async () => {
  const folder = openFolder();
  const parsed = await parseJunit(reported(folder), folder);
  expect(parsed).toMatchObject({ ok: true, value: { counts: COUNTS } });
  expect(parsed.ok && parsed.value.findings).toMatchObject([
    { kind: "bug", title: "test fails: subtracts", severity: "high", file: "a.test.mjs", line: 3 },
    { kind: "bug", title: "test fails: outer › inner", file: "a.test.mjs" },
  ]);
});

test("JUnit as jest, pytest and Maven write it: suites in suites, numbers for names, errors beside failures", async () => {
  const xml = `<?xml version="1.0"?><testsuites><testsuite name="1" file="src/a.test.js"><testcase classname="calc" name="5" time="0.1"/>
    <testcase classname="calc" name="b" line="7"><error type="E" message="boom &amp; bust"/></testcase>
    <testsuite name="inner"><testcase classname="x" name="y"><skipped/></testcase></testsuite></testsuite></testsuites>`;
  expect(await parseJunit(xml, "/w")).toMatchObject({
    ok: true,
    value: {
      counts: { total: 3, passed: 1, failed: 1, skipped: 1 },
      findings: [
        { title: "test fails: calc › b", file: "src/a.test.js", line: 7, description: "src/a.test.js:7\nboom & bust" },
      ],
    },
  });
});

test("a single suite and an empty report are fine", async () => {
  expect(await parseJunit('<testsuite tests="1"><testcase name="a"/></testsuite>', "/w")).toMatchObject({
    value: { counts: { total: 1 } },
  });
  expect(await parseJunit("<testsuites/>", "/w")).toMatchObject({ ok: true, value: { counts: { total: 0 } } });
});

test.each([
  ["", /neither/],
  ["not xml", /is not XML/],
  ["<testsuites>", /is not XML/],
  ["<html></html>", /neither/],
  ['{"a":1}', /is not XML/],
  [
    '<!DOCTYPE x [<!ENTITY a "aaa"><!ENTITY b "&a;&a;">]><testsuites><testsuite name="&b;"/></testsuites>',
    /is not XML/,
  ],
  [`${"<testsuite>".repeat(50_000)}${"</testsuite>".repeat(50_000)}`, /nested too deeply/],
  ['<testsuites testsuite="5"/>', /is not JUnit XML/],
])("%.40s is refused", async (xml, why) => {
  const parsed = await parseJunit(xml, "/w");
  expect(parsed.ok ? "" : parsed.why).toMatch(why);
});

test("a thousand failures are counted, and not all of them listed", async () => {
  const xml = `<testsuites>${Array.from({ length: 1_000 }, (_, at) => `<testcase name="${"x".repeat(at)}"><failure/></testcase>`).join("")}</testsuites>`;
  const parsed = await parseJunit(xml, "/w");
  expect(parsed).toMatchObject({ ok: true, value: { counts: { failed: 1_000 } } });
  expect(parsed.ok && parsed.value.findings.length).toBe(200);
});

test("a number in the text of a failure that can be no line is left out", async () => {
  const xml = `<testsuite><testcase name="a"><failure message="m">no order (id:1753000000000)</failure></testcase>
<testcase name="b"><failure message="m">at src/b.js:7:1</failure></testcase></testsuite>`;
  const parsed = await parseJunit(xml, "/w");
  expect(parsed.ok && parsed.value.findings.map(({ line }) => line)).toEqual([null, 7]);
});
