/** Opens a project's repository: the folder itself when it lies on this machine, else a bare copy that is fetched before work. Worktrees and commits are made elsewhere. */
import { createHash } from "node:crypto";
import { mkdir, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type Assignment,
  blocked,
  branchOf,
  type Ended,
  failed,
  proceed,
  type Step,
  type Surroundings,
} from "./assignment.ts";
import { openBlank } from "./blank-repository.ts";
import { type Git, GitError, openGit, withoutPassword } from "./git.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { placeOf } from "./repository-url.ts";

export interface Repository {
  git: Git;
  /** The folder that holds refs and objects; also the key for one-at-a-time steps. */
  git_dir: string;
  /** The user's own working tree, which we never write to. */
  checkout: string | null;
  /** Where commits are pushed to; null when `git_dir` is the repository itself. */
  remote: string | null;
  /** Under which names branches are found here. */
  heads: "refs/heads/" | "refs/remotes/origin/";
}

const NETWORK_TIMEOUT_MS = 600_000;
const PERSON_NEEDED =
  /not found|does not exist|denied|authentication|could not read (username|password)|couldn't find remote ref|does not appear to be a git repository|host key/i;

export async function openRepository(assignment: Assignment, surroundings: Surroundings): Promise<Step<Repository>> {
  const { repository_url, primary_branch } = assignment.project;
  await mkdir(surroundings.data_dir, { recursive: true });
  const git = openGit(surroundings.data_dir, surroundings.env);
  if ((await git.ask(["--version"])) === null)
    return blocked("git cannot be run on the worker's machine: install it there", "machine");
  if (!(await isBranchName(primary_branch, git))) {
    return blocked(`the project's primary_branch ${JSON.stringify(primary_branch)} is not a branch name`);
  }
  return repository_url === null
    ? openBlank(assignment, surroundings)
    : openNamed(repository_url, assignment, surroundings);
}

async function openNamed(url: string, assignment: Assignment, surroundings: Surroundings): Promise<Step<Repository>> {
  const { primary_branch } = assignment.project;
  const place = placeOf(url);
  if (place.kind === "refused") return blocked(place.reason);
  const opened =
    place.kind === "local"
      ? await openLocal(place.path, surroundings)
      : await openRemote(place.url, assignment, surroundings);
  if (!opened.ok || (await headOf(opened.value, primary_branch)) !== null) return opened;
  return blocked(
    `${withoutPassword(url)} has no commit on a branch ${primary_branch}: commit there, or change primary_branch`,
  );
}

/** The commit a branch points to, null when there is no such branch. */
export function headOf(repository: Repository, branch: string): Promise<string | null> {
  return repository.git.ask(["rev-parse", "--verify", "--quiet", `${repository.heads}${branch}^{commit}`]);
}

export function attemptRefs(assignment: Assignment): string {
  return `refs/baton/attempts/${assignment.lease.task_id}/`;
}

/** Takes over what other machines have pushed: the primary branch, the branches of the run, the results of the task's attempts. */
async function fetchFrom(url: string, git: Git, assignment: Assignment, signal?: AbortSignal): Promise<void> {
  const specs = [
    `+refs/heads/${assignment.project.primary_branch}:refs/remotes/origin/${assignment.project.primary_branch}`,
    `+refs/heads/${branchOf(assignment)}*:refs/remotes/origin/${branchOf(assignment)}*`,
    `+${attemptRefs(assignment)}*:${attemptRefs(assignment)}*`,
  ];
  const args = [
    "fetch",
    "--quiet",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-recurse-submodules",
    "--",
    url,
    ...specs,
  ];
  await git.run(args, { timeout_ms: NETWORK_TIMEOUT_MS, ...(signal && { signal }) });
}

/** A refusal waits for a person; anything else may pass by itself. */
export function networkTrouble(what: string, { stderr }: GitError): { ok: false; ended: Ended } {
  const reason = `${what}: ${stderr}`;
  return PERSON_NEEDED.test(stderr) ? blocked(reason, "machine") : failed(reason, "environment");
}

export interface Push {
  specs: string[];
  /** Refs with the value they must still have, as --force-with-lease takes them. */
  expected?: string[];
  signal?: AbortSignal;
}

export async function pushTo(url: string, git: Git, { specs, expected = [], signal }: Push): Promise<void> {
  const options = ["--quiet", "--no-verify", "--no-signed", ...expected.map((ref) => `--force-with-lease=${ref}`)];
  await git.run(["push", ...options, "--", url, ...specs], {
    timeout_ms: NETWORK_TIMEOUT_MS,
    ...(signal && { signal }),
  });
}

async function isBranchName(name: string, git: Git): Promise<boolean> {
  return !name.startsWith("-") && (await git.ask(["check-ref-format", `refs/heads/${name}`])) !== null;
}

async function openLocal(path: string, { env }: Surroundings): Promise<Step<Repository>> {
  if (!(await isFolder(path)))
    return blocked(`there is no folder ${path}: put the repository there, or change repository_url`, "machine");
  const git = openGit(path, env);
  try {
    const [git_dir = "", bare] = (
      await git.run(["rev-parse", "--path-format=absolute", "--git-common-dir", "--is-bare-repository"])
    ).split("\n");
    if (bare === "true") return proceed({ git, git_dir, checkout: null, remote: null, heads: "refs/heads/" });
    const root = (await git.run(["rev-parse", "--show-toplevel"])).trim();
    if (root !== (await realpath(path)))
      return blocked(`${path} is not the root of a repository, ${root} is: change repository_url`);
    return proceed({ git, git_dir, checkout: root, remote: null, heads: "refs/heads/" });
  } catch (error) {
    if (error instanceof GitError) return blocked(`${path} cannot be used as a git repository: ${error.stderr}`);
    throw error;
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ?? false;
}

async function openRemote(url: string, assignment: Assignment, surroundings: Surroundings): Promise<Step<Repository>> {
  const git_dir = join(
    resolve(surroundings.data_dir),
    "repositories",
    createHash("sha256").update(url).digest("hex").slice(0, 24),
  );
  await mkdir(git_dir, { recursive: true });
  const git = openGit(git_dir, surroundings.env);
  try {
    await oneAtATime(git_dir, async () => {
      await git.run(["init", "--quiet", "--bare", "--template=", "."]);
      await fetchFrom(url, git, assignment, surroundings.signal);
    });
  } catch (error) {
    if (!(error instanceof GitError) || surroundings.signal.aborted) throw error;
    return networkTrouble(`${withoutPassword(url)} cannot be fetched`, error);
  }
  return proceed({ git, git_dir, checkout: null, remote: url, heads: "refs/remotes/origin/" });
}
