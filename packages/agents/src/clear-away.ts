/** Takes folders away that programs of others wrote in, and which may resist: the place is free afterwards, whatever becomes of the folder. */
import { randomUUID } from "node:crypto";
import { chmod, lstat, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";

/** Told of a folder that is still there. */
export type OnLeft = (text: string) => void;

/** Frees the path in one step, so that the next attempt can work there even if nobody can remove what lay in it. */
export async function clearAway(path: string, onLeft: OnLeft): Promise<void> {
  // Beside itself: to move a folder elsewhere one has to be allowed to write in it.
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  await removeIfPossible(aside, onLeft);
}

/** For what is in nobody's way. */
export async function removeIfPossible(path: string, onLeft: OnLeft): Promise<void> {
  try {
    await remove(path);
  } catch (error) {
    const { code = "unknown" } = error as NodeJS.ErrnoException;
    onLeft(`${path} could not be removed (${code}): remove it by hand`);
  }
}

async function remove(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true });
  } catch {
    await openUp(path);
    await rm(path, { recursive: true, force: true });
  }
}

/** Some programs leave folders that not even their owner may change, such as Go its module cache. Links are not followed. */
export async function openUp(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => null);
  if (found === null || !found.isDirectory()) return;
  await chmod(folder, found.mode | 0o700).catch(() => {});
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await openUp(join(folder, entry.name));
}
