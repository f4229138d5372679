/** Where the files of one task lie under the data folder. Owns the layout only; others create and remove what lies there. */
import { readdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Assignment } from "./assignment.ts";

export interface Places {
  /** The task's checkout. */
  worktree: string;
  /** Present while an attempt works in the worktree; outside it, so that no commit can catch it. */
  marker: string;
  /** Everything else of this attempt. */
  scratch: string;
  /** BATON_OUT. */
  out: string;
  /** BATON_PACKET. */
  packet: string;
  /** BATON_MESSAGES. */
  messages: string;
  /** The prompt, for programs that want it in a file. */
  prompt: string;
  /** The index from which we commit: the agent's own may be in any state. */
  index: string;
}

/** The file to which words for the agent are added while it works. */
export function messagesOf(assignment: Assignment, data_dir: string): string {
  return placesOf(assignment, data_dir).messages;
}

/** Where the marker of an attempt in this folder would lie, were it a task's worktree. */
export function markerBeside(folder: string): string {
  return join(dirname(dirname(folder)), "attempts", `${basename(folder)}.json`);
}

/** A task whose worktree somebody has, or had when a process died. */
export interface MarkedPlace {
  marker: string;
  worktree: string;
}

/** All of them, by their markers. */
export async function markedPlaces(data_dir: string): Promise<MarkedPlace[]> {
  const root = resolve(data_dir);
  const names = await readdir(join(root, "attempts")).catch(() => []);
  return names
    .filter((name) => name.endsWith(".json"))
    .map((name) => ({
      marker: join(root, "attempts", name),
      worktree: join(root, "worktrees", basename(name, ".json")),
    }));
}

/** BATON_OUT of the attempt that a marker names. */
export function outBeside(marker: string, lease_id: string): string | null {
  return SAFE_ID.test(lease_id) ? join(dirname(marker), lease_id, "out") : null;
}

/** Where the scratch of another attempt lies; null when `lease_id` is no id. */
export function scratchOf(places: Places, lease_id: string): string | null {
  return SAFE_ID.test(lease_id) ? join(dirname(places.scratch), lease_id) : null;
}

const SAFE_ID = /^[0-9A-Za-z][0-9A-Za-z-]{0,99}$/;

export function placesOf({ lease, run_id }: Assignment, data_dir: string): Places {
  for (const id of [lease.id, lease.task_id, run_id]) {
    if (!SAFE_ID.test(id)) throw new Error(`not an id that may become a path: ${JSON.stringify(id)}`);
  }
  const root = resolve(data_dir);
  const scratch = join(root, "attempts", lease.id);
  return {
    worktree: join(root, "worktrees", lease.task_id),
    marker: join(root, "attempts", `${lease.task_id}.json`),
    scratch,
    out: join(scratch, "out"),
    packet: join(scratch, "packet.json"),
    messages: join(scratch, "messages.md"),
    prompt: join(scratch, "prompt.md"),
    index: join(scratch, "index"),
  };
}
