/** The marker of an attempt: a file beside the worktree that says who works there. Owns its form, and the end of what a crashed attempt left running. */
import { mkdir, readFile, readlink, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { z } from "zod";
import type { Assignment } from "./assignment.ts";
import { endGroup, groupsWith, isThere, processes, startOf } from "./processes.ts";

const Marker = z.object({
  lease_id: z.string(),
  epoch: z.int(),
  host: z.string(),
  group: z.int().min(2).nullable(),
  /** When the leader of the group started: a later process may have its number. */
  started: z.string().nullable(),
  /** Who works the attempt, and when that process started; unknown in markers of before. */
  owner: z.object({ pid: z.int(), started: z.string().nullable() }).default({ pid: 0, started: null }),
});
export type Marker = z.infer<typeof Marker>;

/** What a marker says that was cut short by a crash: somebody worked here, nothing more. */
const UNREADABLE: Marker = { ...{ lease_id: "", epoch: 0, host: "" }, ...gone() };

function gone(): Pick<Marker, "group" | "started" | "owner"> {
  return { group: null, started: null, owner: { pid: 0, started: null } };
}

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

/** Who holds a place: an attempt, or whoever clears up after one. */
type Holder = { lease: Pick<Assignment["lease"], "id" | "epoch"> };

export async function writeMarker(path: string, holder: Holder, group: number | null): Promise<void> {
  await rename(await draftMarker(path, holder, group), path);
}

/** False when the marker is not any more what was left: an attempt has come, and keeps its place. */
export async function takeOver(path: string, holder: Holder, left: Marker): Promise<boolean> {
  const draft = await draftMarker(path, holder, null);
  if ((await readMarker(path))?.lease_id === left.lease_id) {
    await rename(draft, path);
    return true;
  }
  await rm(draft, { force: true });
  return false;
}

/** Gives the path of a file beside the marker, to be put in its place in one step. */
async function draftMarker(path: string, { lease }: Holder, group: number | null): Promise<string> {
  const started = group === null ? null : await startOf(group);
  const owner = { pid: process.pid, started: await startOf(process.pid) };
  const marker: Marker = { lease_id: lease.id, epoch: lease.epoch, host: await machine(), group, started, owner };
  const draft = `${path}.${lease.id}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(draft, JSON.stringify(marker));
  return draft;
}

/** False once another attempt has taken the worktree over: ours is late, and must not touch it any more. */
export async function isOurs(path: string, { lease }: Holder): Promise<boolean> {
  return (await readMarker(path))?.lease_id === lease.id;
}

export async function removeMarker(path: string, holder: Holder): Promise<void> {
  if (await isOurs(path, holder)) await rm(path, { force: true });
}

/** Ends what an earlier attempt of the task left running on this machine. True when there was something. */
export async function endLeftovers(marker: Marker, task_id: string): Promise<boolean> {
  return endGroups([...(await groupsWith("BATON_TASK_ID", task_id)), ...(await groupOf(marker))]);
}

/** Ends what this attempt, and no other of its task, left running on this machine. */
export async function endAttempt(marker: Marker, out: string | null): Promise<void> {
  const groups = out === null ? [] : await groupsWith("BATON_OUT", out);
  await endGroups([...groups, ...(await groupOf(marker))]);
}

/** Whether it was a process of this machine that worked here, and is no more. In doubt it lives. */
export async function isAbandoned({ host, owner }: Marker): Promise<boolean> {
  if (host !== (await machine()) || owner.started === null) return false;
  const started = await startOf(owner.pid);
  return started === null ? !isThere(owner.pid) : started !== owner.started;
}

async function groupOf({ group, started, host }: Marker): Promise<number[]> {
  return group !== null && host === (await machine()) && (await isSameProcess(group, started)) ? [group] : [];
}

/** Where process numbers mean the same: containers of one host name have numbers of their own. */
async function machine(): Promise<string> {
  const numbers = await readlink("/proc/self/ns/pid").catch(() => "");
  return `${hostname()} ${numbers}`.trim();
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
