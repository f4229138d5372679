/** The built-in docs stage on real repositories. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  commitAll,
  gitIn,
  makeAssignment,
  makePacket,
  makeRepository,
  makeSurroundings,
  openFolder,
  write,
} from "../testing.ts";
import { workAttempt } from "../work-attempt.ts";

const HISTORY = [
  makePacket("dev", {
    output_summary: "Says hello.\n\n# Not a heading\n- not an item",
    output_decisions: [{ decision: "Use a constant", rationale: "it never changes" }],
  }),
  makePacket("qa", { output_metrics: { tests: { total: 3, passed: 3, failed: 0, skipped: 0 } } }),
];

async function docs(task: (repository: string) => void, before?: Record<string, string>, check?: string) {
  const folder = openFolder();
  const repository = makeRepository(folder, before);
  gitIn(repository, "checkout", "--quiet", "--detach");
  task(repository);
  const start = commitAll(repository, "The task");
  gitIn(repository, "checkout", "--quiet", "main");
  const settings = check === undefined ? {} : { check_commands: { docs: [check] } };
  const assignment = makeAssignment({ repository, stage: "docs", settings });
  const packet = makePacket("sec", { output_metrics: { commit: start } });
  const result = await workAttempt({ ...assignment, packet, history: HISTORY }, makeSurroundings(folder));
  if (result.outcome !== "done") throw new Error(JSON.stringify(result));
  return {
    repository,
    start,
    result,
    changelog: (name = "CHANGELOG.md") => gitIn(repository, "show", `${result.commit}:${name}`),
  };
}

const addCode = (repository: string) => write(repository, { "hello.ts": "1\n" });

test("a change without an entry is given one, written from the packets and committed", async () => {
  const { result, start, repository, changelog } = await docs(addCode);
  expect(changelog()).toContain(
    [
      "- Add a greeting: Says hello. # Not a heading - not an item",
      "  - Decided: Use a constant (it never changes)",
      "  - Tests: 3 tests, 3 passed.",
    ].join("\n"),
  );
  expect(gitIn(repository, "diff", "--name-only", start, result.commit)).toBe("CHANGELOG.md");
  expect(result.packet.output_artifacts).toEqual([{ type: "file", path: "CHANGELOG.md", action: "created" }]);
});

test("a changelog that is there under another name is the one that is added to", async () => {
  const { changelog, result } = await docs(addCode, { "History.md": "# History\n\n## 1.0.0\n\n- First.\n" });
  expect(changelog("History.md")).toContain("## [Unreleased]\n\n### Changed\n\n- Add a greeting");
  expect(result.packet.output_artifacts).toEqual([{ type: "file", path: "History.md", action: "modified" }]);
});

test.each(["CHANGELOG.md", "docs/changes.txt", "packages/a/CHANGELOG.md", ".changeset/brave-cats.md"])(
  "a change that has its entry in %s is left as it is, and the packet says so",
  async (path) => {
    const { result, start } = await docs((repository) => write(repository, { "a.ts": "1\n", [path]: "- Mine\n" }));
    expect(result.commit).toBe(start);
    expect(result.packet.output_summary).toContain(path);
  },
);

test("a changelog that is a link is not written through", async () => {
  const { result, start } = await docs((repository) => {
    addCode(repository);
    write(repository, { "elsewhere.md": "# Elsewhere\n" });
    symlinkSync("elsewhere.md", join(repository, "changelog.markdown"));
    gitIn(repository, "add", "--all");
    gitIn(repository, "commit", "--quiet", "--message", "Link");
    gitIn(repository, "update-ref", "refs/heads/main", "HEAD");
    write(repository, { "b.ts": "1\n" });
  });
  expect(result.commit).toBe(start);
  expect(result.packet.output_summary).toContain("not a plain file");
});

test("the stage's checks see what was added, and what they leave is not committed", async () => {
  const { result, repository, changelog } = await docs(
    addCode,
    undefined,
    "grep -q greeting CHANGELOG.md && touch built.html",
  );
  expect(result.checks).toMatchObject([{ name: "docs-1", exit_code: 0 }]);
  expect(changelog()).toContain("greeting");
  expect(gitIn(repository, "ls-tree", "--name-only", result.commit)).not.toContain("built.html");
});
