/** TAP as real tools write it. */
import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { openFolder, write } from "../testing.ts";
import { openTapReader } from "./tap.ts";

const TESTS = {
  "a.test.mjs": `import test from "node:test"; import assert from "node:assert";
test("adds", () => {});
test("subtracts", () => { assert.equal(1, 2); });
test("later", { skip: true }, () => {});
test("outer", async (t) => { await t.test("inner", () => { throw new Error("deep"); }); });
`,
};

/** What node:test prints about the tests above. */
function reported(folder: string): string {
  write(folder, TESTS);
  try {
    return execFileSync(process.execPath, ["--test", "--test-reporter=tap", "a.test.mjs"], {
      cwd: folder,
      encoding: "utf8",
      env: {},
    });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

const COUNTS = { total: 4, passed: 1, failed: 2, skipped: 1 };

test("node:test's TAP output gives the counts and a bug for each failed test, with its file", () => {
  const folder = openFolder();
  const reader = openTapReader();
  for (const line of reported(folder).split("\n")) reader.line(line);
  const results = reader.results(folder);
  expect(results?.counts).toEqual(COUNTS);
  expect(results?.findings).toMatchObject([
    { title: "test fails: subtracts", file: "a.test.mjs", line: 3, description: expect.stringContaining("1 == 2") },
    { title: "test fails: outer > inner", file: "a.test.mjs", line: 5 },
  ]);
});

test("output that only looks a little like TAP is not taken for it", () => {
  const reader = openTapReader();
  for (const line of ["ok  \texample.com/pkg\t0.5s", "not ok at all", "1..2"]) reader.line(line);
  expect(reader.results("/")).toBeNull();
});

test("a line indented too deeply for any subtest is left out, and the tests around it are counted", () => {
  const reader = openTapReader();
  for (const line of ["TAP version 13", "ok 1 - a", `${" ".repeat(16_000)}ok`, "not ok 2 - b", "1..2"])
    reader.line(line);
  expect(reader.results("/")?.counts).toEqual({ total: 2, passed: 1, failed: 1, skipped: 0 });
});

test("subtests as deep as anybody nests them are read", () => {
  const reader = openTapReader();
  for (const line of ["TAP version 13", `${" ".repeat(80)}not ok 1 - deep`, `${" ".repeat(80)}1..1`]) reader.line(line);
  expect(reader.results("/")?.counts).toMatchObject({ failed: 1 });
});

test("a number behind a test's place that can be no line is left out", () => {
  const reader = openTapReader();
  for (const line of ["TAP version 13", "not ok 1 - a", "  ---", "  location: 'id:1753000000000'", "  ...", "1..1"])
    reader.line(line);
  expect(reader.results("/")?.findings).toMatchObject([{ title: "test fails: a", line: null }]);
});
