/** Turns what an attempt left in its worktree into a commit that no branch points to. No ref of the user's moves and no hook runs; `land.ts` moves the branch later. */
import { type Assignment, failed, proceed, type Step, type Surroundings } from "./assignment.ts";
import { DEPENDENCIES, withoutDependencies } from "./dependencies.ts";
import { type Git, GitError, withoutPassword } from "./git.ts";
import type { Places } from "./places.ts";
import { REPORT_NAMES } from "./reports/names.ts";
import { attemptRefs, networkTrouble, pushTo, type Repository } from "./repository.ts";
import type { Worktree } from "./worktree.ts";

export interface Snapshot {
  tree: string;
  /** What the agent's own commits in the worktree end in; the start commit when it made none. */
  head: string;
  /** Whether the files differ from those of the start commit. */
  changed: boolean;
}

/** Everything in the worktree that .gitignore does not exclude, written as a tree; installed packages only where the project tracks them. */
export async function takeSnapshot(
  git: Git,
  worktree: Worktree,
  places: Places,
  start: string,
): Promise<Step<Snapshot>> {
  const env = { GIT_DIR: worktree.git_dir, GIT_WORK_TREE: worktree.path };
  const here = git.at(worktree.path);
  const unmerged = await here.run(["ls-files", "--unmerged"], { env });
  if (unmerged !== "") return failed("the work was left with merge conflicts that nobody resolved");
  const head = (await here.ask(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], { env })) ?? start;
  const own = { env: { ...env, GIT_INDEX_FILE: places.index } };
  try {
    await here.run(["read-tree", head], own);
    const add = () => here.run(["add", "--all", "--", "."], { ...own, timeout_ms: ADD_TIMEOUT_MS });
    const tracked = await here.run(["ls-tree", "--name-only", start, "--", DEPENDENCIES], { env });
    await (tracked === "" ? withoutDependencies(worktree.path, places.scratch, add) : add());
  } catch (error) {
    if (error instanceof GitError) return failed(`the work cannot be committed: ${error.stderr}`);
    throw error;
  }
  const tree = (await here.run(["write-tree"], own)).trim();
  return proceed({ tree, head, changed: tree !== (await treeOf(git, start)) });
}

/**
 * Git takes a repository inside the worktree for one entry that names its commit, and leaves its files out. Null when the
 * snapshot has no new one; submodules, which a project declares, are meant that way.
 */
export async function repositoryInside(git: Git, { tree }: Snapshot, start: string): Promise<string | null> {
  const raw = await git.run(["diff-tree", "-r", "-z", "--raw", "--no-renames", start, tree]);
  const [fields, paths] = [raw.split("\0"), new Set<string>()];
  for (let at = 0; at + 1 < fields.length; at += 2)
    if (NEW_REPOSITORY.test(fields[at] ?? "")) paths.add(fields[at + 1] ?? "");
  if (paths.size === 0) return null;
  const declared = await git.ask(["config", "-z", "--blob", `${tree}:.gitmodules`, "--get-regexp", "\\.path$"]);
  for (const entry of declared?.split("\0") ?? []) paths.delete(entry.slice(entry.indexOf("\n") + 1));
  return [...paths][0] ?? null;
}

/** As diff-tree begins an entry: `:<old mode> <new mode> …`. */
const NEW_REPOSITORY = /^:(?!160000)\d{6} 160000 /;

const ADD_TIMEOUT_MS = 600_000;

export async function commitSnapshot(git: Git, snapshot: Snapshot, start: string, message: string): Promise<string> {
  const { tree } = snapshot;
  const parent = (await hasReports(git, start, snapshot.head)) ? start : snapshot.head;
  if (tree === (await treeOf(git, parent))) return parent;
  return (await git.run(["commit-tree", tree, "-p", parent, "-F", "-"], { input: message })).trim();
}

/** Gives the commit a name of its own, so that no clean-up removes it and other machines find it before the branch is moved. */
export async function keepCommit(
  repository: Repository,
  assignment: Assignment,
  commit: string,
  { signal }: Surroundings,
): Promise<Step<string>> {
  const ref = `${attemptRefs(assignment)}${assignment.lease.epoch}`;
  await repository.git.run(["update-ref", ref, commit]);
  if (repository.remote === null) return proceed(commit);
  try {
    await pushTo(repository.remote, repository.git, { specs: [`+${commit}:${ref}`], signal });
    return proceed(commit);
  } catch (error) {
    if (!(error instanceof GitError) || signal.aborted) throw error;
    return networkTrouble(`the work cannot be pushed to ${withoutPassword(repository.remote)}`, error);
  }
}

/** Git takes no NUL, and the last words of a program may hold one. */
export function commitMessage({ lease, run_id, task }: Assignment, summary: string): string {
  const subject = `${lease.stage}: ${task.title.replace(/\s+/g, " ").trim()}`.slice(0, 72).toWellFormed();
  return `${subject}\n\n${summary.replaceAll("\0", "").slice(0, 2_000).toWellFormed()}\n\nBaton-Task: ${lease.task_id}\nBaton-Run: ${run_id}\n`;
}

async function treeOf(git: Git, commit: string): Promise<string> {
  return (await git.run(["rev-parse", "--verify", `${commit}^{tree}`])).trim();
}

/** Reports are never committed: where the agent's own commits hold some, those commits become one of ours without them. */
async function hasReports(git: Git, start: string, head: string): Promise<boolean> {
  if (head === start) return false;
  const found = await git.run(["rev-list", "--max-count=1", `${start}..${head}`, "--", ...REPORT_NAMES]);
  return found !== "";
}
