/** A repository for the tasks of a project that has none: empty, within the attempt's own files, gone with them. Git then tells what the agent made there. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Assignment, proceed, type Step, type Surroundings } from "./assignment.ts";
import { openGit } from "./git.ts";
import { placesOf } from "./places.ts";
import type { Repository } from "./repository.ts";

export async function openBlank(assignment: Assignment, surroundings: Surroundings): Promise<Step<Repository>> {
  const git_dir = join(placesOf(assignment, surroundings.data_dir).scratch, "blank.git");
  await mkdir(git_dir, { recursive: true });
  const git = openGit(git_dir, surroundings.env);
  await git.run(["init", "--quiet", "--bare", "--template=", "."]);
  const tree = (await git.run(["hash-object", "-w", "-t", "tree", "--stdin"])).trim();
  const commit = (await git.run(["commit-tree", tree, "-m", "Nothing yet"])).trim();
  await git.run(["update-ref", `refs/heads/${assignment.project.primary_branch}`, commit]);
  return proceed({ git, git_dir, checkout: null, remote: null, heads: "refs/heads/" });
}
