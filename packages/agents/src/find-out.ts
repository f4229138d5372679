/** Finds the attempt that a program works in, from the folder in which it stands: for those that have lost their environment. */
import { stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { readMarker } from "./marker.ts";
import { markerBeside, outBeside } from "./places.ts";

/** Its BATON_OUT; null when `folder` lies in no worktree in which an attempt is under way. */
export async function outOf(folder: string): Promise<string | null> {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const path = markerBeside(at);
    const marker = await readMarker(path);
    const out = marker === null ? null : outBeside(path, marker.lease_id);
    if (out !== null && (await isFolder(out))) return out;
    if (dirname(at) === at) return null;
  }
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found?.isDirectory() ?? false;
}
