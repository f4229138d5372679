/** What an attempt has changed in its worktree up to now, as one checksum: it tells that something is new, and nothing else. Reads only, and never more than a little. */
import { createHash } from "node:crypto";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import type { Assignment, Surroundings } from "./assignment.ts";
import { type Git, openGit } from "./git.ts";
import { placesOf } from "./places.ts";

const DIFF_MAX_BYTES = 4 * 1024 * 1024;
const NAMES_MAX_BYTES = 256 * 1024;
const LOOKED_AT = 500;

/** SHA-256 in hex; null when there is no worktree, or git cannot read it now. */
export async function changesSoFar(
  assignment: Assignment,
  { data_dir, env }: Pick<Surroundings, "data_dir" | "env">,
): Promise<string | null> {
  const { worktree } = placesOf(assignment, data_dir);
  const hash = createHash("sha256");
  try {
    const git = openGit(worktree, env);
    hash.update(await git.run(["rev-parse", "--verify", "HEAD"]));
    const diff = await git.head(
      ["diff", "--no-color", "--no-renames", "--no-ext-diff", "--no-textconv", "HEAD"],
      DIFF_MAX_BYTES,
    );
    hash.update(diff.bytes).update("\0");
    for (const file of await untracked(git)) hash.update(`${file}\0${await stamp(join(worktree, file))}\0`);
  } catch {
    // The worktree is being made or taken away, or its git was bent by the agent: then there is nothing to tell.
    return null;
  }
  return hash.digest("hex");
}

/** Files that git does not know yet, as many as are worth looking at. */
async function untracked(git: Git): Promise<string[]> {
  const names = await git.head(["ls-files", "--others", "--exclude-standard", "-z"], NAMES_MAX_BYTES);
  return Buffer.from(names.bytes).toString("utf8").split("\0").filter(Boolean).slice(0, LOOKED_AT);
}

/** Changes whenever the file is written. */
async function stamp(path: string): Promise<string> {
  const found = await lstat(path).catch(() => null);
  return found === null ? "gone" : `${found.size} ${found.mtimeMs}`;
}
