/** What crashed processes of this machine left behind: their programs are ended and their worktrees taken away, whether or not another attempt of the same task ever comes here. */
import { randomUUID } from "node:crypto";
import { dirname } from "node:path";
import { clearAway, type OnLeft, removeIfPossible } from "./clear-away.ts";
import { endAttempt, isAbandoned, isOurs, type Marker, readMarker, removeMarker, takeOver } from "./marker.ts";
import { type MarkedPlace, markedPlaces, outBeside } from "./places.ts";

export interface Sweeping {
  data_dir: string;
  /** Told of each place or folder that could not be cleared: the others are. */
  onTrouble: (error: unknown) => void;
}

interface Left {
  place: MarkedPlace;
  marker: Marker;
  /** Its BATON_OUT. */
  out: string | null;
}

/** Gives how many attempts were abandoned. Safe beside others that sweep, and beside attempts that begin. */
export async function sweep({ data_dir, onTrouble }: Sweeping): Promise<number> {
  const places = await markedPlaces(data_dir);
  const left: Left[] = [];
  for (const place of places) {
    const one = await leftAt(place).catch((error: unknown) => {
      onTrouble(error);
      return null;
    });
    if (one !== null) left.push(one);
  }
  // What still runs costs more than what only lies there: it ends first.
  for (const { marker, out } of left) await endAttempt(marker, out).catch(onTrouble);
  const onLeft: OnLeft = (text) => onTrouble(new Error(text));
  for (const one of left) await clear(one, onLeft).catch(onTrouble);
  return left.length;
}

async function leftAt(place: MarkedPlace): Promise<Left | null> {
  const marker = await readMarker(place.marker);
  if (marker === null || !(await isAbandoned(marker))) return null;
  return { place, marker, out: outBeside(place.marker, marker.lease_id) };
}

/**
 * Takes the place over as an attempt would: one that has come meanwhile keeps it, one that comes now finds it in our hands.
 * Git is not asked to forget the worktree: it does so by itself, and the task's next attempt makes it anew in any case.
 */
async function clear({ place: { marker, worktree }, marker: left, out }: Left, onLeft: OnLeft): Promise<void> {
  if (out !== null) await removeIfPossible(dirname(out), onLeft);
  const broom = { lease: { id: randomUUID(), epoch: left.epoch } };
  if (!(await takeOver(marker, broom, left))) return;
  // It goes in one step: whoever takes the place over from now on makes a folder of its own.
  if (await isOurs(marker, broom)) await clearAway(worktree, onLeft);
  await removeMarker(marker, broom);
}
