/** The qa stage: the project's tests as a check, with and without an agent before them. */
import { computeVerdict } from "@baton/domain";
import { expect, test } from "vitest";
import type { AttemptResult } from "../assignment.ts";
import { gitIn, makeAssignment, makeRepository, makeSurroundings, openFolder } from "../testing.ts";
import { workAttempt } from "../work-attempt.ts";

const JUNIT =
  '<testsuite><testcase name="adds"/><testcase name="subtracts" file="a.js" line="2"><failure message="1 is not 2"/></testcase></testsuite>';
const NODE_TESTS = `import test from "node:test"; import assert from "node:assert";
test("adds", () => {});
test("subtracts", () => { assert.equal(1, 2); });
`;

async function qa(
  settings: Parameters<typeof makeAssignment>[0]["settings"],
  files?: Record<string, string>,
): Promise<AttemptResult & { repository: string }> {
  const folder = openFolder();
  const repository = makeRepository(folder, files);
  const assignment = makeAssignment({ repository, stage: "qa", ...(settings && { settings }) });
  return { ...(await workAttempt(assignment, makeSurroundings(folder))), repository };
}

function done(result: AttemptResult & { repository: string }) {
  if (result.outcome !== "done") throw new Error(JSON.stringify(result));
  return result;
}

test("tests that pass are a check that passes, and the packet says what ran", async () => {
  const result = done(await qa({ test_command: "echo 3 fine" }));
  expect(result.checks).toMatchObject([{ name: "tests", command: "echo 3 fine", exit_code: 0, output: "3 fine" }]);
  expect(result.packet.output_summary).toMatch(/^Ran echo 3 fine: it ended with exit code 0 after \d+\.\d s\.$/);
  expect(computeVerdict(result).verdict).toBe("pass");
});

test("qa commits nothing: its commit is the one it looked at", async () => {
  const result = done(await qa({ test_command: "echo x > left-behind" }));
  expect(result.commit).toBe(gitIn(result.repository, "rev-parse", "main"));
  expect(result.packet.output_artifacts).toEqual([]);
});

test("tests that fail without a report are one finding with the end of the output", async () => {
  const result = done(await qa({ test_command: "echo 1 is not 2; exit 1" }));
  expect(result.findings).toMatchObject([
    { kind: "bug", title: "the tests fail", description: expect.stringContaining("1 is not 2") },
  ]);
  expect(computeVerdict(result).verdict).toBe("reject");
});

test("a JUnit report gives one finding for each failed test, and the counts", async () => {
  const result = done(await qa({ test_command: `echo '${JUNIT}' > junit.xml; exit 1` }));
  expect(result.findings).toMatchObject([{ kind: "bug", title: "test fails: subtracts", file: "a.js", line: 2 }]);
  expect(result.packet.output_metrics.tests).toEqual({ total: 2, passed: 1, failed: 1, skipped: 0 });
  expect(result.packet.output_summary).toContain("2 tests: 1 passed, 1 failed, 0 skipped.");
});

test("failed tests in a report reject even when the test command says all is well", async () => {
  const result = done(await qa({ test_command: `echo '${JUNIT}' > "$BATON_OUT/junit.xml"` }));
  expect(result.checks).toMatchObject([{ exit_code: 0 }]);
  expect(computeVerdict(result).verdict).toBe("reject");
});

test("TAP on stdout gives one finding for each failed test", async () => {
  const result = done(await qa({ test_command: "node --test --test-reporter=tap" }, { "a.test.mjs": NODE_TESTS }));
  expect(result.findings).toMatchObject([{ title: "test fails: subtracts", file: "a.test.mjs", line: 3 }]);
  expect(result.packet.output_metrics.tests).toEqual({ total: 2, passed: 1, failed: 1, skipped: 0 });
});

test("an agent's word does not outweigh tests that fail after it", async () => {
  const agree = `echo '{"result":"pass","output_summary":"all fine"}' > "$BATON_OUT/handoff.json"`;
  const result = done(await qa({ commands: { qa: { run: agree } }, test_command: "exit 1" }));
  expect(result).toMatchObject({ claimed: "pass", packet: { output_summary: "all fine" } });
  expect(computeVerdict(result).verdict).toBe("reject");
});

test("an agent that leaves nothing fails even when there are tests", async () => {
  expect(await qa({ commands: { qa: { run: "true" } }, test_command: "true" })).toMatchObject({
    outcome: "fail",
    fault: "task",
  });
});

test("a test command that is not there waits for a person", async () => {
  expect(await qa({ test_command: "no-such-runner" })).toMatchObject({
    outcome: "block",
    reason: expect.stringContaining("no-such-runner"),
  });
});

test("tests that never end are a check without an exit code", async () => {
  const agree = `echo '{"output_summary":"ok"}' > "$BATON_OUT/handoff.json"`;
  const result = done(await qa({ commands: { qa: { run: agree, timeout_s: 1 } }, test_command: "sleep 60" }));
  expect(result.checks).toMatchObject([{ exit_code: null }]);
  expect(computeVerdict(result).verdict).toBe("reject");
});

test("coverage is noted in the packet", async () => {
  const leave = `mkdir -p "$BATON_OUT"; echo '{"total":{"lines":{"pct":87.5}}}' > "$BATON_OUT/coverage-summary.json"`;
  expect(done(await qa({ test_command: leave })).packet.output_metrics.coverage).toBe(87.5);
});

test("qa without a command and without tests passes nothing: it waits for a person", async () => {
  const folder = openFolder();
  const assignment = makeAssignment({ repository: makeRepository(folder), stage: "qa" });
  expect(await workAttempt(assignment, makeSurroundings(folder))).toMatchObject({
    outcome: "block",
    kind: "needs_input",
  });
});
