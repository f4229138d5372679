/** The marker of an attempt: a file beside the worktree that says who works there. Owns its form, and the end of what a crashed attempt left running. */
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { z } from "zod";
import type { Assignment } from "./assignment.ts";
import { endGroup, groupsWith, processes, startOf } from "./processes.ts";

const Marker = z.object({
  lease_id: z.string(),
  epoch: z.int(),
  host: z.string(),
  group: z.int().min(2).nullable(),
  /** When the leader of the group started: a later process may have its number. */
  started: z.string().nullable(),
});
export type Marker = z.infer<typeof Marker>;

/** What a marker says that was cut short by a crash: somebody worked here, nothing more. */
const UNREADABLE: Marker = { lease_id: "", epoch: 0, host: "", group: null, started: null };

export async function readMarker(path: string): Promise<Marker | null> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (text === null) return null;
  try {
    return Marker.parse(JSON.parse(text));
  } catch {
    return UNREADABLE;
  }
}

export async function writeMarker(path: string, { lease }: Assignment, group: number | null): Promise<void> {
  const started = group === null ? null : await startOf(group);
  const marker: Marker = { lease_id: lease.id, epoch: lease.epoch, host: hostname(), group, started };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${lease.id}`, JSON.stringify(marker));
  await rename(`${path}.${lease.id}`, path);
}

/** False once another attempt has taken the worktree over: ours is late, and must not touch it any more. */
export async function isOurs(path: string, { lease }: Assignment): Promise<boolean> {
  return (await readMarker(path))?.lease_id === lease.id;
}

export async function removeMarker(path: string, assignment: Assignment): Promise<void> {
  if (await isOurs(path, assignment)) await rm(path, { force: true });
}

/** Ends what an earlier attempt of the task left running on this machine. True when there was something. */
export async function endLeftovers(marker: Marker, task_id: string): Promise<boolean> {
  const groups = await groupsWith("BATON_TASK_ID", task_id);
  const { group, started, host } = marker;
  if (group !== null && host === hostname() && (await isSameProcess(group, started))) groups.push(group);
  return endGroups(groups);
}

/** Ends every program that was given this BATON_OUT, in whatever group it is by now. */
export async function endProgramsOf(out: string): Promise<void> {
  await endGroups(await groupsWith("BATON_OUT", out));
}

async function endGroups(groups: readonly number[]): Promise<boolean> {
  const own = (await processes()).find((info) => info.pid === process.pid)?.group;
  const others = new Set(groups.filter((group) => group !== own));
  await Promise.all([...others].map((group) => endGroup(group)));
  return others.size > 0;
}

async function isSameProcess(pid: number, started: string | null): Promise<boolean> {
  return started !== null && (await startOf(pid)) === started;
}
