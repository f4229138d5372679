/** The sweep: what a process left that was killed goes, what anybody works on stays. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isGroupAlive } from "./processes.ts";
import { sweep } from "./sweep.ts";
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

const onTrouble = (error: unknown) => expect.unreachable(String(error));

function scene(command: string) {
  const folder = openFolder();
  const repository = makeRepository(folder);
  const assignment = makeAssignment({ repository, settings: run("dev", command) });
  const surroundings = makeSurroundings(folder);
  const attempts = join(surroundings.data_dir, "attempts");
  const worktree = join(surroundings.data_dir, "worktrees", assignment.lease.task_id);
  return { repository, assignment, surroundings, attempts, worktree };
}

test("what a killed process left is gone: its programs, its worktree, its files, and nothing of the user's", async () => {
  const { repository, assignment, surroundings, attempts, worktree } = scene("echo half > y; echo $$; sleep 600");
  write(repository, { "uncommitted.txt": "mine" });
  const group = await crashInTheMiddle(assignment, surroundings);
  expect(await isGroupAlive(group)).toBe(true);
  expect(existsSync(join(worktree, "y"))).toBe(true);
  expect(await sweep({ ...surroundings, onTrouble })).toBe(1);
  expect(await isGroupAlive(group)).toBe(false);
  expect(existsSync(worktree)).toBe(false);
  expect(readdirSync(attempts)).toEqual([]);
  expect(gitIn(repository, "status", "--porcelain")).toBe("?? uncommitted.txt");
  expect(await sweep({ ...surroundings, onTrouble })).toBe(0);
});

test("a place that cannot be looked at is told, and the others are cleared", async () => {
  const { assignment, surroundings, attempts } = scene("echo $$; sleep 600");
  mkdirSync(join(attempts, "0.json"), { recursive: true });
  const group = await crashInTheMiddle(assignment, surroundings);
  const troubles: unknown[] = [];
  expect(await sweep({ ...surroundings, onTrouble: (error) => void troubles.push(error) })).toBe(1);
  expect(troubles).toMatchObject([{ code: "EISDIR" }]);
  expect(await isGroupAlive(group)).toBe(false);
  expect(readdirSync(attempts)).toEqual(["0.json"]);
});

test("a process that cannot be told from a living one is left alone", async () => {
  const { assignment, surroundings, attempts } = scene("echo $$; sleep 600");
  const group = await crashInTheMiddle(assignment, surroundings);
  const path = join(attempts, `${assignment.lease.task_id}.json`);
  const left = JSON.parse(readFileSync(path, "utf8"));
  for (const change of [{ host: `${left.host} of another container` }, { owner: { ...left.owner, started: null } }]) {
    writeFileSync(path, JSON.stringify({ ...left, ...change }));
    expect(await sweep({ ...surroundings, onTrouble })).toBe(0);
  }
  expect(await isGroupAlive(group)).toBe(true);
  writeFileSync(path, JSON.stringify(left));
  expect(await sweep({ ...surroundings, onTrouble })).toBe(1);
});

test("two who sweep at once are not in each other's way, and the task can be worked on again", async () => {
  const { assignment, surroundings, attempts } = scene("[ -e go ] && exit; echo $$; sleep 600");
  await crashInTheMiddle(assignment, surroundings);
  await Promise.all([
    sweep({ ...surroundings, onTrouble }),
    sweep({ ...surroundings, onTrouble }),
    sweep({ ...surroundings, onTrouble }),
  ]);
  expect(readdirSync(attempts)).toEqual([]);
  const again = makeAssignment({ repository: assignment.project.repository_url ?? "", settings: run("dev", "ls > y") });
  expect(await workAttempt({ ...again, lease: { ...again.lease, epoch: 2 } }, surroundings)).toMatchObject({
    outcome: "done",
  });
});

test("an attempt under way is left alone, and so is one of another machine", async () => {
  const { assignment, surroundings, attempts, worktree } = scene(
    "echo x > y; echo ready; while ! [ -e go ]; do sleep 0.05; done; rm go",
  );
  const working = workAttempt(assignment, surroundings);
  await expect.poll(() => surroundings.lines.some(({ text }) => text === "ready"), { timeout: 10_000 }).toBe(true);
  const marker = join(attempts, `${assignment.lease.task_id}.json`);
  await expect.poll(() => JSON.parse(readFileSync(marker, "utf8")).group).not.toBe(null);
  const elsewhere = { ...JSON.parse(readFileSync(marker, "utf8")), host: "elsewhere", owner: { pid: 1, started: "0" } };
  const foreign = join(attempts, "another-task.json");
  writeFileSync(foreign, JSON.stringify(elsewhere));
  expect(await sweep({ ...surroundings, onTrouble })).toBe(0);
  expect(existsSync(foreign)).toBe(true);
  write(worktree, { go: "" });
  expect(await working).toMatchObject({ outcome: "done" });
});
