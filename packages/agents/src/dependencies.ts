/** Lends a fresh worktree the packages installed in the user's checkout, so that the project's own tests can run. Installs nothing. */
import { lstat, mkdir, readdir, readlink, rename, stat, symlink } from "node:fs/promises";
import { join } from "node:path";

export const DEPENDENCIES = "node_modules";

/** Caches and records of an installation: written by tools, so they must not be shared. */
const NOT_LENT = new Set([
  ".cache",
  ".package-lock.json",
  ".vite",
  ".vite-temp",
  ".vitest",
  ".yarn-state.yml",
  ".yarn-integrity",
]);

/**
 * A folder of links rather than one link: an `npm ci` in the worktree then removes links, not the user's packages. True
 * when there was something to lend.
 */
export async function lendDependencies(worktree: string, checkout: string | null): Promise<boolean> {
  if (checkout === null) return false;
  const source = join(checkout, DEPENDENCIES);
  const target = join(worktree, DEPENDENCIES);
  const wanted = (await exists(join(worktree, "package.json"))) && !(await exists(target));
  if (!wanted || !(await isFolder(source))) return false;
  await lendFolder(source, target);
  return true;
}

/** Takes the packages aside, lent or installed by the agent, for as long as `step` must not see them. */
export async function withoutDependencies<T>(worktree: string, aside: string, step: () => Promise<T>): Promise<T> {
  const [here, there] = [join(worktree, DEPENDENCIES), join(aside, DEPENDENCIES)];
  if (!(await exists(here))) return step();
  await rename(here, there);
  try {
    return await step();
  } finally {
    await rename(there, here);
  }
}

async function lendFolder(source: string, target: string): Promise<void> {
  await mkdir(target);
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const [from, to] = [join(source, entry.name), join(target, entry.name)];
    if (NOT_LENT.has(entry.name)) continue;
    // A relative link, as to a package of the same workspace, then leads to the worktree's own sources.
    if (entry.isSymbolicLink()) await symlink(await readlink(from), to);
    else if (entry.isDirectory() && (entry.name.startsWith("@") || entry.name === ".bin")) await lendFolder(from, to);
    else await symlink(from, to);
  }
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
