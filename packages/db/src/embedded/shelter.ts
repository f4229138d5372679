/**
 * Folders of root's that an unprivileged account may enter: they shelter the databases (and one copy of the programs)
 * of data folders it may not. Opens one, and clears away homes nobody wants any more.
 */
import { chmod, lstat, mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { CLUSTER, isWanted } from "./notes.ts";
import { livingPostmaster, stopPostmaster } from "./postmaster.ts";
import { Refusal } from "./refusal.ts";
import { canEnter, type Runner } from "./runner.ts";

export const SHELTERS: readonly string[] = ["/var/lib/baton", "/var/tmp/baton"];

const HOME_NAME = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export async function openShelter(shelters: readonly string[], runner: Runner): Promise<string> {
  for (const shelter of shelters) {
    if ((await isOurs(shelter)) && (await canEnter(runner, shelter))) return shelter;
  }
  throw new Refusal(
    `The account that runs Postgres can enter neither the data folder nor any of ${shelters.join(", ")}: ` +
      "choose another BATON_DATA_DIR.",
  );
}

/** A data folder that is not there may have been moved, or lie on a drive that is not mounted: its database waits so long for it. */
const KEPT_MS = 30 * 24 * 3_600_000;

/** A database whose data folder was deleted may still be served; it is ended at once. */
export async function clearUnwanted(shelters: readonly string[]): Promise<void> {
  for (const shelter of shelters) {
    for (const name of await readdir(shelter).catch(() => [])) {
      if (HOME_NAME.test(name)) await clearIfUnwanted(join(shelter, name));
    }
  }
}

async function clearIfUnwanted(home: string): Promise<void> {
  if (await isWanted(home)) return;
  const living = await livingPostmaster(join(home, CLUSTER));
  if (living !== null) await stopPostmaster(living.pid);
  if (!(await wasUsedLately(home))) await rm(home, { recursive: true, force: true });
}

/** By the file that every checkpoint writes; a home without it holds no database. */
async function wasUsedLately(home: string): Promise<boolean> {
  const control = await stat(join(home, CLUSTER, "global", "pg_control")).catch(() => null);
  return control !== null && Date.now() - control.mtimeMs < KEPT_MS;
}

/** In a folder like /var/tmp anybody could have put one there first: only what root alone may write is trusted. */
async function isOurs(shelter: string): Promise<boolean> {
  await mkdir(shelter)
    .then(() => chmod(shelter, 0o755))
    .catch(() => undefined);
  const found = await lstat(shelter).catch(() => null);
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}
