/** The task's worktree: made anew for each attempt, detached at the start commit, and taken away afterwards. A person's edits are never discarded. */
import { lstat, mkdir, readdir, realpath, rmdir } from "node:fs/promises";
import { dirname } from "node:path";
import { type Assignment, blocked, branchOf, proceed, type Step, type Surroundings, stopped } from "./assignment.ts";
import { clearAway, type OnLeft, removeIfPossible } from "./clear-away.ts";
import { openGit } from "./git.ts";
import { endLeftovers, isOurs, readMarker, removeMarker, writeMarker } from "./marker.ts";
import { oneAtATime } from "./one-at-a-time.ts";
import { type Places, scratchOf } from "./places.ts";
import type { Repository } from "./repository.ts";

export interface Worktree {
  path: string;
  /** Where git keeps the worktree's HEAD: named outright, so that we find it even when the agent has bent the worktree's `.git`. */
  git_dir: string;
}

export async function prepareWorktree(
  repository: Repository,
  start: string,
  places: Places,
  assignment: Assignment,
  surroundings: Surroundings,
): Promise<Step<Worktree>> {
  const elsewhere = await checkedOutAt(repository, branchOf(assignment));
  if (elsewhere !== null)
    return blocked(
      `the branch ${branchOf(assignment)} is checked out at ${elsewhere}: switch that checkout to another branch`,
    );
  const marker = await readMarker(places.marker);
  if (marker !== null && marker.epoch > assignment.lease.epoch) return stopped();
  const problem = marker === null ? await personsWork(places.worktree, surroundings) : null;
  if (problem !== null) return blocked(problem);
  // First the marker, then the end of what was there: an attempt that is thus taken over sees at once that it is late.
  await writeMarker(places.marker, assignment, null);
  if (marker !== null && (await endLeftovers(marker, assignment.lease.task_id))) {
    surroundings.log({ stream: "baton", text: "processes of an earlier attempt were still running; they are ended" });
  }
  const onLeft: OnLeft = (text) => surroundings.log({ stream: "baton", text });
  const old = scratchOf(places, marker?.lease_id ?? "");
  if (old !== null) await removeIfPossible(old, onLeft);
  const remade = await oneAtATime(repository.git_dir, async () => {
    // While we waited for our turn a later attempt may have come and begun to work there.
    if (surroundings.signal.aborted || !(await isOurs(places.marker, assignment))) return false;
    await remakeWorktree(repository, start, places.worktree, onLeft);
    return true;
  });
  if (!remade) return stopped();
  await mkdir(places.out, { recursive: true });
  const git_dir = await repository.git.at(places.worktree).run(["rev-parse", "--absolute-git-dir"]);
  return proceed({ path: places.worktree, git_dir: git_dir.trim() });
}

/**
 * Leaves nothing of the attempt behind, unless a later attempt has taken over. Never fails: by now the attempt has its
 * result, and what it leaves behind must not cost it that.
 */
export async function closeWorktree(
  repository: Repository,
  places: Places,
  assignment: Assignment,
  { log }: Surroundings,
): Promise<void> {
  const onLeft: OnLeft = (text) => log({ stream: "baton", text });
  try {
    await removeIfPossible(places.scratch, onLeft);
    await oneAtATime(repository.git_dir, async () => {
      if (await isOurs(places.marker, assignment)) await discardWorktree(repository, places.worktree, onLeft);
      await removeMarker(places.marker, assignment);
    });
  } catch (error) {
    onLeft(`the attempt could not be cleared away: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const CHECKOUT_TIMEOUT_MS = 600_000;

async function remakeWorktree(repository: Repository, start: string, path: string, onLeft: OnLeft): Promise<void> {
  await discardWorktree(repository, path, onLeft);
  await mkdir(dirname(path), { recursive: true });
  await repository.git.run(["worktree", "add", "--detach", "--force", "--force", "--quiet", "--", path, start], {
    timeout_ms: CHECKOUT_TIMEOUT_MS,
  });
}

async function discardWorktree({ git }: Repository, path: string, onLeft: OnLeft): Promise<void> {
  const forget = () => git.ask(["worktree", "remove", "--force", "--force", "--", path]);
  if ((await forget()) !== null) return;
  // Git does not remove what is no proper worktree any more, or what it may not; once the folder is gone it forgets the entry, if there is one.
  await clearAway(path, onLeft);
  await forget();
}

/** Without a marker nobody of ours worked here: what is not committed is a person's. */
async function personsWork(path: string, { env }: Surroundings): Promise<string | null> {
  const entries = await readdir(path).catch(() => null);
  if (entries === null) return (await lstat(path).catch(() => null)) === null ? null : mend(path, "is not a folder");
  if (entries.length === 0) {
    await rmdir(path);
    return null;
  }
  const git = openGit(path, env);
  if ((await git.ask(["rev-parse", "--show-toplevel"])) !== (await realpath(path)))
    return mend(path, "is not a worktree of ours");
  const status = await git.ask(["status", "--porcelain", "--untracked-files=all"]);
  return status === "" ? null : mend(path, "has changes that nobody committed");
}

function mend(path: string, what: string): string {
  return `${path} ${what}: commit or move away what you want to keep, remove the folder, then unblock the task`;
}

/** The worktree that has the branch checked out: moving it there would pull the ground from under a person. */
export async function checkedOutAt({ git, remote }: Repository, branch: string): Promise<string | null> {
  if (remote !== null) return null;
  const lines = (await git.run(["worktree", "list", "--porcelain"])).split("\n");
  const at = lines.indexOf(`branch refs/heads/${branch}`);
  const path = lines.slice(0, Math.max(at, 0)).findLast((line) => line.startsWith("worktree "));
  return path?.slice("worktree ".length) ?? null;
}
