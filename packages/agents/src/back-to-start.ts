/** Makes a worktree again what the start commit says, whatever its agent did to the files, to HEAD and to the index. What .gitignore excludes and installed packages stay. By then everything that the agent left has been read. */
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { failed, proceed, type Step } from "./assignment.ts";
import type { Attempt } from "./attempt.ts";
import { openUp } from "./clear-away.ts";
import { DEPENDENCIES } from "./dependencies.ts";
import { GitError } from "./git.ts";

const TIMEOUT_MS = 600_000;

export async function backToStart({ repository, worktree, places, start }: Attempt): Promise<Step<null>> {
  const here = repository.git.at(worktree.path);
  // An index of our own: what the agent's says of a file, git would believe.
  const env = { GIT_DIR: worktree.git_dir, GIT_WORK_TREE: worktree.path, GIT_INDEX_FILE: places.index };
  const options = { env, timeout_ms: TIMEOUT_MS };
  const clean = ["clean", "-ffdq", "-e", DEPENDENCIES];
  try {
    await here.run(["update-ref", "--no-deref", "HEAD", start], options);
    await here.run(["read-tree", start], options);
    await here.run(["checkout-index", "--all", "--force", "--index", "--quiet"], options);
    if ((await here.ask(clean, options)) === null) {
      await openUp(worktree.path);
      await here.run(clean, options);
    }
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    return failed(`the worktree cannot be brought back to the commit that the checks are to judge: ${error.stderr}`);
  }
  await copyFile(places.index, join(worktree.git_dir, "index"));
  return proceed(null);
}
