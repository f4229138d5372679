/** land: after the server has accepted a result, moves the task's branch to its commit. Never takes a branch back, and never away from under a person. */
import { type Assignment, branchOf, type Surroundings } from "./assignment.ts";
import { note } from "./attempt.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { attemptRefs, headOf, openRepository, pushTo, type Repository } from "./repository.ts";
import { isAncestor } from "./revisions.ts";
import { checkedOutAt } from "./worktree.ts";

export async function land(assignment: Assignment, commit: string, surroundings: Surroundings): Promise<void> {
  if (assignment.project.repository_url === null) return;
  const opened = await openRepository(assignment, surroundings);
  if (!opened.ok) throw new Error(`cannot land ${commit}: ${JSON.stringify(opened.ended)}`);
  const repository = opened.value;
  await oneAtATime(repository.git_dir, async () => {
    const obstacle = await moveBranch(repository, assignment, commit);
    // Until a branch holds it, the commit lives by the name that the attempt gave it.
    if (obstacle === null) await dropAttemptRefs(repository, assignment);
    else
      note(
        surroundings,
        `the branch ${branchOf(assignment)} stays where it is: ${obstacle}; the result is commit ${commit}`,
      );
  });
}

/** Why the branch cannot be moved, null when it is where it belongs. */
async function moveBranch(repository: Repository, assignment: Assignment, commit: string): Promise<string | null> {
  const branch = branchOf(assignment);
  const head = await headOf(repository, branch);
  if (head === commit) return null;
  const from_here = head === null || head === assignment.packet?.output_metrics.commit;
  if (!from_here) {
    // A later result has landed already.
    if (await isAncestor(repository, commit, head)) return null;
    if (!(await isAncestor(repository, head, commit))) return "it has commits that the result does not build on";
  }
  const elsewhere = await checkedOutAt(repository, branch);
  if (elsewhere !== null) return `it is checked out at ${elsewhere}`;
  const ref = `refs/heads/${branch}`;
  if (repository.remote === null) {
    await repository.git.run(["update-ref", ref, commit, head ?? "0".repeat(commit.length)]);
  } else {
    await pushTo(repository.remote, repository.git, {
      specs: [`${commit}:${ref}`],
      expected: [`${ref}:${head ?? ""}`],
    });
    await repository.git.run(["update-ref", `${repository.heads}${branch}`, commit]);
  }
  return null;
}

/** Names of this attempt and of earlier ones of the task, which nobody needs any more. */
async function dropAttemptRefs(repository: Repository, assignment: Assignment): Promise<void> {
  const { git, remote } = repository;
  const names = (await git.run(["for-each-ref", "--format=%(refname)", attemptRefs(assignment)])).split("\n");
  const over = names.filter(
    (name) => name !== "" && Number(name.slice(name.lastIndexOf("/") + 1)) <= assignment.lease.epoch,
  );
  if (over.length === 0) return;
  if (remote !== null) await pushTo(remote, git, { specs: over.map((name) => `:${name}`) });
  for (const name of over) await git.run(["update-ref", "-d", name]);
}
