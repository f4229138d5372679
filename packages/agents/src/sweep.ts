/** What crashed processes of this machine left behind: their programs are ended and their worktrees taken away, whether or not another attempt of the same task ever comes here. */
import { randomUUID } from "node:crypto";
import { rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Surroundings } from "./assignment.ts";
import { openGit } from "./git.ts";
import { endAttempt, isAbandoned, isOurs, type Marker, readMarker, removeMarker, writeMarker } from "./marker.ts";
import { type MarkedPlace, markedPlaces, outBeside } from "./places.ts";

/** Gives how many attempts were abandoned. Safe beside others that sweep, and beside attempts that begin. */
export async function sweep({ data_dir, env }: Pick<Surroundings, "data_dir" | "env">): Promise<number> {
  let swept = 0;
  for (const place of await markedPlaces(data_dir)) {
    const marker = await readMarker(place.marker);
    if (marker === null || !(await isAbandoned(marker))) continue;
    const out = outBeside(place.marker, marker.lease_id);
    await endAttempt(marker, out);
    if (out !== null) await rm(dirname(out), { recursive: true, force: true });
    await clear(place, marker, env);
    swept += 1;
  }
  return swept;
}

/** Takes the place over as an attempt would: one that has come meanwhile keeps it, one that comes now finds it in our hands. */
async function clear({ marker, worktree }: MarkedPlace, left: Marker, env: Surroundings["env"]): Promise<void> {
  if ((await readMarker(marker))?.lease_id !== left.lease_id) return;
  const broom = { lease: { id: randomUUID(), epoch: left.epoch } };
  await writeMarker(marker, broom, null);
  const repository = await openGit(worktree, env).ask(["rev-parse", "--path-format=absolute", "--git-common-dir"]);
  const aside = join(dirname(marker), broom.lease.id);
  // In one step: whoever takes the place over from now on makes a folder of its own.
  if (await isOurs(marker, broom)) await rename(worktree, aside).catch(ignoreMissing);
  await rm(aside, { recursive: true, force: true });
  if (repository !== null) await openGit(repository, env).ask(["worktree", "prune"]);
  await removeMarker(marker, broom);
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
