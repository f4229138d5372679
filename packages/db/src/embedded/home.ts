/**
 * Where the database of a data folder lives: in the folder itself, or in a shelter when the account that runs Postgres
 * cannot enter it (a folder of root's). The notes that tie both together are in `notes.ts`.
 */
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rename } from "node:fs/promises";
import { join } from "node:path";
import { CLUSTER, ownerOf, pointedHome, pointTo, setOwner } from "./notes.ts";
import { Refusal } from "./refusal.ts";
import { canEnter, type Runner } from "./runner.ts";
import { openShelter } from "./shelter.ts";

/** The home there is already, if any; refuses one that is gone or belongs to another folder. */
export async function findHome(folder: string): Promise<string | null> {
  if (existsSync(join(folder, CLUSTER))) return folder;
  const home = await pointedHome(folder);
  if (home === null) return null;
  const owner = await ownerOf(home);
  if (owner === folder) return home;
  const advice = `Delete ${folder} to begin with an empty database.`;
  if (owner === null) throw new Refusal(`The database of ${folder} was kept in ${home}, which is gone. ${advice}`);
  if ((await pointedHome(owner)) === home) {
    throw new Refusal(`${folder} is a copy of ${owner}, and the database stayed with the original. ${advice}`);
  }
  // The data folder was moved, and the home goes with it.
  await setOwner(home, folder);
  return home;
}

export async function makeHome(folder: string, runner: Runner, shelters: readonly string[]): Promise<string> {
  if (await canEnter(runner, folder)) return folder;
  const shelter = await openShelter(shelters, runner);
  const unfinished = await mkdtemp(join(shelter, ".home-"));
  await chmod(unfinished, 0o755);
  await setOwner(unfinished, folder);
  const home = join(shelter, randomUUID());
  await rename(unfinished, home);
  await pointTo(home, folder);
  return home;
}
