/** What the line itself leaves as proof of an attempt, stage by stage, with real repositories and programs. */
import { expect, test } from "vitest";
import type { AttemptResult, Done } from "../assignment.ts";
import { openRepository } from "../repository.ts";
import {
  commitAll,
  makeAssignment,
  makeRepository,
  makeSurroundings,
  openFolder,
  run,
  type Wanted,
  write,
} from "../testing.ts";
import { workAttempt } from "../work-attempt.ts";
import { diffOf } from "./diff.ts";

async function attempt(wanted: Omit<Wanted, "repository">, files?: Record<string, string>) {
  const folder = openFolder();
  const repository = makeRepository(folder, files);
  return { repository, result: await workAttempt(makeAssignment({ repository, ...wanted }), makeSurroundings(folder)) };
}

function proofOf(result: AttemptResult): Omit<Done["proofs"][number], "content"> & { text: string } {
  if (result.outcome !== "done") throw new Error(`not done: ${JSON.stringify(result)}`);
  const [proof, ...more] = result.proofs;
  if (proof === undefined || more.length > 0) throw new Error(`${result.proofs.length} proofs`);
  const { content, ...rest } = proof;
  return { ...rest, text: Buffer.from(content).toString() };
}

const JUNIT = '<testsuite tests="2" failures="0"><testcase name="a"/><testcase name="b"/></testsuite>';

test("dev leaves the diff of its commit, with its size in a line", async () => {
  const { result } = await attempt({ settings: run("dev", "echo hello > hello.txt; echo >> README.md") });
  const { text, ...proof } = proofOf(result);
  expect(proof).toEqual({
    ...{ kind: "code_diff", name: "changes.diff", summary: "2 files changed, +2 -0", media_type: "text/x-diff" },
  });
  expect(text).toContain("+++ b/hello.txt\n@@ -0,0 +1 @@\n+hello\n");
  expect(text).toContain("diff --git a/README.md b/README.md");
});

test("dev that changes nothing leaves no diff", async () => {
  const { result } = await attempt({
    settings: run("dev", `echo '{"output_summary":"nothing to do"}' > handoff.json`),
  });
  expect(result).toMatchObject({ outcome: "done", proofs: [] });
});

test("no program of the repository's settings takes part in the diff", async () => {
  const { result } = await attempt(
    {
      settings: run(
        "dev",
        "echo x > a.txt; git config diff.evil.command 'echo forged'; git config diff.evil.textconv 'echo forged'",
      ),
    },
    { ".gitattributes": "* diff=evil\n", "a.txt": "a\n" },
  );
  expect(proofOf(result).text).not.toContain("forged");
});

test("a diff that is too long is cut after a whole line and says how to get all of it", async () => {
  const folder = openFolder();
  const repository_url = makeRepository(folder);
  const surroundings = makeSurroundings(folder);
  const repository = await openRepository(makeAssignment({ repository: repository_url }), surroundings);
  if (!repository.ok) throw new Error("no repository");
  const start = (await repository.value.git.run(["rev-parse", "main"])).trim();
  write(repository_url, { "long.txt": "0123456789\n".repeat(1_000) });
  const commit = commitAll(repository_url, "Long");
  const files = [{ path: "long.txt", action: "created" as const, insertions: 1_000, deletions: 0 }];
  const proof = await diffOf({ repository: repository.value, start }, { files, commit }, 500);
  const text = Buffer.from(proof?.content ?? []).toString();
  expect(proof?.summary).toBe("1 file changed, +1000 -0 (cut)");
  expect(text).toMatch(/\n\+0123456789\n# Cut after 500 bytes\. All of it: git diff [0-9a-f]{40} [0-9a-f]{40}\n$/);
  expect(text.length).toBeLessThan(700);
});

test("qa leaves the report that its tests wrote, as they wrote it", async () => {
  const { result } = await attempt({ stage: "qa", settings: { test_command: `echo '${JUNIT}' > junit.xml` } });
  expect(proofOf(result)).toMatchObject({
    ...{ kind: "test_result", name: "junit.xml", media_type: "application/xml", text: `${JUNIT}\n` },
    summary: expect.stringContaining("2 tests: 2 passed, 0 failed, 0 skipped."),
  });
});

test("qa without a report leaves what the test command printed and how it ended, also when it failed", async () => {
  const { result } = await attempt({ stage: "qa", settings: { test_command: "echo not ok; exit 4" } });
  const { name, kind, summary, text } = proofOf(result);
  expect({ name, kind }).toEqual({ name: "tests.txt", kind: "test_result" });
  expect(summary).toContain("it ended with exit code 4");
  expect(text).toMatch(/^\$ echo not ok; exit 4\nexit code 4, \d+\.\d s\n\nnot ok\n/);
});

test("an agent that tests in its own way leaves what it printed", async () => {
  const settings = run("qa", `echo tried everything; echo '{"output_summary":"fine"}' > handoff.json`);
  expect(proofOf((await attempt({ stage: "qa", settings })).result)).toMatchObject({
    ...{ name: "tests.txt", summary: "fine", text: expect.stringContaining("tried everything") },
  });
});

test("sec leaves the built-in scan's findings as JSON", async () => {
  const { result } = await attempt({ stage: "sec" });
  const { text, ...proof } = proofOf(result);
  expect(proof).toMatchObject({ kind: "report", name: "scan.json", media_type: "application/json" });
  expect(JSON.parse(text)).toMatchObject({ findings: [], metrics: { secrets: { found: 0 } }, summary: proof.summary });
});

test("sec leaves the report of the agent, else that of a scanner", async () => {
  const report = '[{"issue":"weak","severity":"low"}]';
  const sarif = '{"version":"2.1.0","runs":[]}';
  const agent = run("sec", `echo '${report}' > security_report.json; echo '${sarif}' > results.sarif`);
  expect(proofOf((await attempt({ stage: "sec", settings: agent })).result)).toMatchObject({
    ...{ name: "security_report.json", text: `${report}\n` },
  });
  const scanner = { check_commands: { sec: [`echo '${sarif}' > results.sarif`] } };
  expect(proofOf((await attempt({ stage: "sec", settings: scanner })).result)).toMatchObject({
    ...{ name: "results.sarif", media_type: "application/sarif+json", text: `${sarif}\n` },
  });
});

test("docs leaves none", async () => {
  expect((await attempt({ stage: "docs" })).result).toMatchObject({ outcome: "done", proofs: [] });
});

test("what a program printed becomes one line", async () => {
  const { result } = await attempt({
    stage: "qa",
    settings: run("qa", `printf '{"output_summary":"a\\\\nb\\\\tc"}' > handoff.json`),
  });
  expect(proofOf(result).summary).toBe("a b c");
});
