/** Moving the branch once a result is accepted: forward, never back, never away from under a person. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { branchOf } from "./assignment.ts";
import { land } from "./land.ts";
import {
  commitAll,
  gitIn,
  makeAssignment,
  makePacket,
  makeRepository,
  makeSurroundings,
  openFolder,
  run,
  write,
} from "./testing.ts";
import { workAttempt } from "./work-attempt.ts";

async function landed(command = "echo x > y") {
  const folder = openFolder();
  const repository = makeRepository(folder);
  const surroundings = makeSurroundings(folder);
  const assignment = makeAssignment({ repository, settings: run("dev", command) });
  const result = await workAttempt(assignment, surroundings);
  if (result.outcome !== "done") throw new Error(JSON.stringify(result));
  const head = () => gitIn(repository, "rev-parse", `refs/heads/${branchOf(assignment)}`);
  return { folder, repository, surroundings, assignment, commit: result.commit, head };
}

test("the branch is made at the accepted commit, and the attempt's own name for it goes", async () => {
  const { repository, surroundings, assignment, commit, head } = await landed();
  expect(gitIn(repository, "for-each-ref", "--format=%(objectname)", "refs/baton")).toBe(commit);
  await land(assignment, commit, surroundings);
  expect(head()).toBe(commit);
  expect(gitIn(repository, "for-each-ref", "refs/baton")).toBe("");
});

test("landing twice is landing once", async () => {
  const { surroundings, assignment, commit, head } = await landed();
  await land(assignment, commit, surroundings);
  await land(assignment, commit, surroundings);
  expect(head()).toBe(commit);
});

test("a landing that comes late does not take the branch back", async () => {
  const { surroundings, assignment, commit, head } = await landed();
  const second = {
    ...assignment,
    lease: { ...assignment.lease, epoch: 2 },
    packet: makePacket("dev", { output_metrics: { commit } }),
  };
  second.project = {
    ...second.project,
    settings: { ...second.project.settings, ...{ commands: { dev: { run: "echo z > z", timeout_s: 60 } } } },
  };
  const later = await workAttempt(second, surroundings);
  if (later.outcome !== "done") throw new Error(JSON.stringify(later));
  await land(second, later.commit, surroundings);
  await land(assignment, commit, surroundings);
  expect(head()).toBe(later.commit);
  expect(surroundings.lines.filter(({ text }) => text.includes("stays where it is"))).toEqual([]);
});

test("a branch on which a person has committed stays, and the result keeps a name", async () => {
  const { folder, repository, surroundings, assignment, commit, head } = await landed();
  const place = join(folder, "elsewhere");
  gitIn(repository, "worktree", "add", "--quiet", "-b", branchOf(assignment), place, "main");
  const mine = commitAll((write(place, { "mine.txt": "" }), place), "Mine");
  gitIn(repository, "worktree", "remove", place);
  await land(assignment, commit, surroundings);
  expect(head()).toBe(mine);
  expect(gitIn(repository, "for-each-ref", "--format=%(objectname)", "refs/baton")).toBe(commit);
  expect(surroundings.lines.at(-1)?.text).toContain(commit);
});

test("a branch that is checked out stays under the person's feet", async () => {
  const { folder, repository, surroundings, assignment, commit, head } = await landed();
  gitIn(repository, "worktree", "add", "--quiet", "-b", branchOf(assignment), join(folder, "elsewhere"), "main");
  await land(assignment, commit, surroundings);
  expect(head()).toBe(gitIn(repository, "rev-parse", "main"));
});

test("work that takes a commit back takes the branch back with it", async () => {
  const { repository, surroundings, assignment, commit, head } = await landed();
  await land(assignment, commit, surroundings);
  const second = {
    ...assignment,
    lease: { ...assignment.lease, epoch: 2 },
    packet: makePacket("qa", { output_metrics: { commit } }),
  };
  await land(second, gitIn(repository, "rev-parse", "main"), surroundings);
  expect(head()).toBe(gitIn(repository, "rev-parse", "main"));
});

test("work that was rebased by the agent replaces what it was based on", async () => {
  const { surroundings, assignment, commit, head } = await landed();
  await land(assignment, commit, surroundings);
  const second = {
    ...assignment,
    lease: { ...assignment.lease, epoch: 2 },
    packet: makePacket("qa", { output_metrics: { commit } }),
  };
  const settings = {
    ...second.project.settings,
    commands: { dev: { run: "git reset --quiet --hard HEAD~1; echo other > o", timeout_s: 60 } },
  };
  const rebased = await workAttempt({ ...second, project: { ...second.project, settings } }, surroundings);
  if (rebased.outcome !== "done") throw new Error(JSON.stringify(rebased));
  await land(second, rebased.commit, surroundings);
  expect(head()).toBe(rebased.commit);
});
