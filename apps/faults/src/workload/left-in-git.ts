/** What the real workers have left in the user's repository: accepted commits on their branches, and nothing else moved. */
import { setTimeout as pause } from "node:timers/promises";
import type { TaskView } from "@baton/domain/api";
import type { Life } from "../checker/evidence.ts";
import type { Violation } from "../scenario.ts";
import { judgeLanded, type Landed, passedOf } from "./landed.ts";
import type { TestRepository } from "./repository.ts";

/** A branch is moved a moment after its task has ended. */
const PATIENCE_MS = 10_000;
const AGAIN_MS = 250;

export interface LeftInGit {
  violations: Violation[];
  /** Branches that a killed worker left one commit behind. */
  behind: number;
}

export async function leftInGit(
  repository: TestRepository,
  tasks: readonly TaskView[],
  lives: readonly Life[],
): Promise<LeftInGit> {
  const { git, base } = repository;
  const wrong: string[] = [];
  if ((await git("rev-parse", "main")) !== base) wrong.push("main has moved");
  if ((await git("status", "--porcelain")) !== "") wrong.push("the working tree of the user has changed");
  await git("fsck", "--strict").catch((error: Error) => wrong.push(`git fsck: ${error.message}`));
  let behind = 0;
  const until = performance.now() + PATIENCE_MS;
  for (const { id, title, state, branch } of tasks) {
    if (state !== "completed") wrong.push(`${title} (${id}) is ${state}`);
    const said = await git("show", `${branch}:${id}.txt`).catch((error: Error) => error.message);
    if (said !== id) wrong.push(`branch ${branch} does not hold the work of its task: ${said}`);
    const life = lives.find(({ task }) => task.id === id);
    let landed = await landedOn(repository, branch, life);
    while ((landed.behind || landed.faults.length > 0) && performance.now() < until) {
      await pause(AGAIN_MS);
      landed = await landedOn(repository, branch, life);
    }
    wrong.push(...landed.faults.map((fault) => `branch ${branch}: ${fault}`));
    behind += landed.behind ? 1 : 0;
  }
  const invariant = "accepted results are on their branches, and nothing else moves";
  return { violations: wrong.map((detail) => ({ invariant, detail })), behind };
}

async function landedOn({ git }: TestRepository, branch: string, life: Life | undefined): Promise<Landed> {
  if (life === undefined) return { behind: false, faults: ["its task is not in the database"] };
  const passed = passedOf(life);
  const ref = `refs/heads/${branch}`;
  const head = await git("rev-parse", "--verify", ref).catch(() => null);
  if (head === null) return { behind: false, faults: ["it is not there"] };
  const on_it = new Set<string>();
  for (const commit of new Set(passed.flatMap(({ commit: one }) => one ?? []))) {
    const holds = await git("merge-base", "--is-ancestor", commit, ref).then(
      () => true,
      () => false,
    );
    if (holds) on_it.add(commit);
  }
  const names = await git("for-each-ref", "--format=%(objectname) %(refname)", `refs/baton/attempts/${life.task.id}/`);
  const kept = names.split("\n").filter((line) => line !== "");
  return judgeLanded(passed, {
    ...{ head, holds: (commit) => on_it.has(commit) },
    kept: new Map(kept.map((line) => [Number(line.slice(line.lastIndexOf("/") + 1)), line.split(" ", 1)[0] ?? ""])),
  });
}
