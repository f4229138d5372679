/** The worktree between attempts: what a person left in it stays, what a crash left in it goes. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Assignment } from "./assignment.ts";
import { writeMarker } from "./marker.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { isGroupAlive } from "./processes.ts";
import {
  crashInTheMiddle,
  gitIn,
  makeAssignment,
  makeRepository,
  makeSurroundings,
  openFolder,
  run,
  write,
} from "./testing.ts";
import { workAttempt } from "./work-attempt.ts";

function scene(command = "echo x > y") {
  const folder = openFolder();
  const repository = makeRepository(folder);
  const assignment = makeAssignment({ repository, settings: run("dev", command) });
  const surroundings = makeSurroundings(folder);
  const worktree = join(surroundings.data_dir, "worktrees", assignment.lease.task_id);
  return { folder, repository, assignment, surroundings, worktree };
}

function laterEpoch(assignment: Assignment, command: string): Assignment {
  const other = makeAssignment({ repository: assignment.project.repository_url ?? "", settings: run("dev", command) });
  return {
    ...assignment,
    project: other.project,
    lease: { ...assignment.lease, id: other.lease.id, epoch: assignment.lease.epoch + 1 },
  };
}

test("a worktree with edits of a person is left alone, and the person is told what to do", async () => {
  const { repository, assignment, surroundings, worktree } = scene();
  gitIn(repository, "worktree", "add", "--quiet", "--detach", worktree, "main");
  write(worktree, { "mine.txt": "my edit" });
  const result = await workAttempt(assignment, surroundings);
  expect(result).toMatchObject({ outcome: "block", kind: "needs_input" });
  expect(result).toMatchObject({
    reason: expect.stringMatching(/worktrees\/.*changes that nobody committed.*unblock/),
  });
  expect(readFileSync(join(worktree, "mine.txt"), "utf8")).toBe("my edit");
});

test("a folder of a person in the worktree's place is left alone", async () => {
  const { assignment, surroundings, worktree } = scene();
  write(worktree, { "notes.txt": "mine" });
  expect(await workAttempt(assignment, surroundings)).toMatchObject({
    outcome: "block",
    reason: expect.stringContaining(worktree),
  });
  expect(readdirSync(worktree)).toEqual(["notes.txt"]);
});

test("a clean worktree or an empty folder that lies there is replaced", async () => {
  const { repository, assignment, surroundings, worktree } = scene();
  gitIn(repository, "worktree", "add", "--quiet", "--detach", worktree, "main");
  expect(await workAttempt(assignment, surroundings)).toMatchObject({ outcome: "done" });
  mkdirSync(worktree);
  expect(await workAttempt(assignment, surroundings)).toMatchObject({ outcome: "done" });
});

test("what a killed worker left running is ended, and what it left in the worktree is discarded", async () => {
  const { repository, assignment, surroundings } = scene("echo half > half.txt; echo $$; sleep 600");
  const group = await crashInTheMiddle(assignment, surroundings);
  expect(await isGroupAlive(group)).toBe(true);
  const result = await workAttempt(laterEpoch(assignment, "ls > seen.txt"), surroundings);
  expect(await isGroupAlive(group)).toBe(false);
  if (result.outcome !== "done") throw new Error(JSON.stringify(result));
  expect(gitIn(repository, "show", `${result.commit}:seen.txt`)).toBe("README.md\nseen.txt");
  expect(readdirSync(join(surroundings.data_dir, "attempts"))).toEqual([]);
});

test("a worker that comes late does not touch the worktree of the attempt that took over", async () => {
  const { assignment, surroundings, worktree } = scene();
  const working = workAttempt(
    laterEpoch(assignment, "echo x > y; echo ready; while ! [ -e go ]; do sleep 0.05; done"),
    surroundings,
  );
  await expect.poll(() => surroundings.lines.some(({ text }) => text === "ready"), { timeout: 10_000 }).toBe(true);
  expect(await workAttempt(assignment, surroundings)).toEqual({ outcome: "stopped" });
  expect(existsSync(join(worktree, "y"))).toBe(true);
  write(worktree, { go: "" });
  expect(await working).toMatchObject({ outcome: "done" });
});

test("an attempt that is taken over while it works stops, and leaves the other's worktree alone", async () => {
  const { assignment, surroundings, worktree } = scene("echo ready; sleep 600");
  const late = workAttempt(assignment, surroundings);
  await expect.poll(() => surroundings.lines.some(({ text }) => text === "ready"), { timeout: 10_000 }).toBe(true);
  const next = workAttempt(
    laterEpoch(assignment, "echo x > y; echo second; while ! [ -e go ]; do sleep 0.05; done"),
    surroundings,
  );
  expect(await late).toEqual({ outcome: "stopped" });
  await expect.poll(() => surroundings.lines.some(({ text }) => text === "second"), { timeout: 10_000 }).toBe(true);
  write(worktree, { go: "" });
  expect(await next).toMatchObject({ outcome: "done" });
});

const MARKER = '"$BATON_OUT/../../$BATON_TASK_ID.json"';

test("an attempt that ends after it was taken over leaves the other's reports alone", async () => {
  const known = `while ! grep -q '"group":[0-9]' ${MARKER}; do sleep 0.05; done`;
  const taken_over = `sed -i 's/"lease_id":"[^"]*"/"lease_id":"another"/' ${MARKER}`;
  const { assignment, surroundings, worktree } = scene(`${known}; echo '{"bugs":[]}' > bugs.json; ${taken_over}`);
  expect(await workAttempt(assignment, surroundings)).toEqual({ outcome: "stopped" });
  expect(readFileSync(join(worktree, "bugs.json"), "utf8")).toBe('{"bugs":[]}\n');
});

test("an attempt that is taken over before its turn comes leaves the other's worktree alone", async () => {
  const { repository, assignment, surroundings, worktree } = scene();
  const marker = join(surroundings.data_dir, "attempts", `${assignment.lease.task_id}.json`);
  const turn = Promise.withResolvers<void>();
  const before = oneAtATime(join(repository, ".git"), () => turn.promise);
  const late = workAttempt(assignment, surroundings);
  await expect.poll(() => existsSync(marker)).toBe(true);
  await writeMarker(marker, laterEpoch(assignment, "true"), null);
  write(worktree, { "work.txt": "of the next attempt" });
  turn.resolve();
  await before;
  expect(await late).toEqual({ outcome: "stopped" });
  expect(readFileSync(join(worktree, "work.txt"), "utf8")).toBe("of the next attempt");
});

test("a branch that a person has checked out is not pulled away from under them", async () => {
  const { folder, repository, assignment, surroundings } = scene();
  const branch = `baton/${assignment.run_id}/${assignment.lease.task_id}`;
  gitIn(repository, "worktree", "add", "--quiet", "-b", branch, join(folder, "elsewhere"), "main");
  const result = await workAttempt(assignment, surroundings);
  expect(result).toMatchObject({ outcome: "block", reason: expect.stringContaining(join(folder, "elsewhere")) });
});

test("an agent that breaks its worktree's .git does not keep the worktree from being cleaned up", async () => {
  const { repository, assignment, surroundings } = scene("rm .git; echo x > y");
  expect(await workAttempt(assignment, surroundings)).toMatchObject({ outcome: "done" });
  expect(gitIn(repository, "worktree", "list").split("\n")).toHaveLength(1);
});

/** Folders so deep that their path is too long for any call: neither Node nor git removes them, not even for root. */
const DIG = `node -e 'for (let at = 0; at < 60; at++) { const name = "d".repeat(100); fs.mkdirSync(name); process.chdir(name); }'`;

test("a worktree and a BATON_OUT that nobody can remove cost the attempt nothing, and the next attempt works", async () => {
  const command = `(mkdir -p build && cd build && ${DIG}); (cd "$BATON_OUT/.." && ${DIG}); echo x > y`;
  const { folder, repository, assignment, surroundings, worktree } = scene(command);
  onTestFinished(() => void execFileSync("rm", ["-rf", folder]));
  write(repository, { ".git/info/exclude": "build/\n" });
  expect(await workAttempt(assignment, surroundings)).toMatchObject({ outcome: "done" });
  expect(existsSync(worktree)).toBe(false);
  expect(surroundings.lines).toContainEqual({ stream: "baton", text: expect.stringContaining("remove it by hand") });
  expect(await workAttempt(laterEpoch(assignment, "ls > seen.txt"), surroundings)).toMatchObject({ outcome: "done" });
  expect(gitIn(repository, "worktree", "list").split("\n")).toHaveLength(1);
});

test("an agent that bends its worktree's .git towards the user's checkout commits nothing there", async () => {
  const bend = 'echo "gitdir: $(git rev-parse --path-format=absolute --git-common-dir)" > .git';
  const { repository, assignment, surroundings } = scene(`${bend}; echo x > y`);
  write(repository, { "uncommitted.txt": "mine" });
  const result = await workAttempt(assignment, surroundings);
  if (result.outcome !== "done") throw new Error(JSON.stringify(result));
  expect(gitIn(repository, "ls-tree", "-r", "--name-only", result.commit)).toBe("README.md\ny");
  expect(gitIn(repository, "status", "--porcelain")).toBe("?? uncommitted.txt");
});
