/** Process groups of this machine: who is in one, whose it is, and how it is ended for good. Decides nothing about when. */
import { readdir, readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { execa } from "execa";

export interface ProcessInfo {
  pid: number;
  group: number;
  /** A zombie is over; it only waits to be counted by its parent. */
  zombie: boolean;
  /** When it started, in whatever unit the machine has: only good for telling one process from a later one with its number. */
  started: string;
}

const GRACE_MS = 5_000;
const LOOK_EVERY_MS = 25;

/** SIGTERM, then SIGKILL when something is left after the grace. True when the group is gone. */
export async function endGroup(group: number, grace_ms = GRACE_MS): Promise<boolean> {
  if (!signalGroup(group, "SIGTERM")) return true;
  if (await isGoneWithin(group, grace_ms)) return true;
  signalGroup(group, "SIGKILL");
  return isGoneWithin(group, GRACE_MS);
}

export async function isGroupAlive(group: number): Promise<boolean> {
  if (!signalGroup(group, 0)) return false;
  return (await processes()).some((process) => process.group === group && !process.zombie);
}

async function isGoneWithin(group: number, ms: number): Promise<boolean> {
  const deadline = performance.now() + ms;
  while (await isGroupAlive(group)) {
    if (performance.now() >= deadline) return false;
    await pause(LOOK_EVERY_MS);
  }
  return true;
}

/** False when there is no such group. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  if (group <= 1) throw new Error(`not a process group of ours: ${group}`);
  try {
    return process.kill(-group, signal);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

export async function processes(): Promise<ProcessInfo[]> {
  const entries = await readdir("/proc").catch(() => []);
  const pids = entries.filter((entry) => /^\d+$/.test(entry));
  if (pids.length === 0) return processesByPs();
  const infos = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").then(readStat, () => null)));
  return infos.filter((info) => info !== null);
}

export async function startOf(pid: number): Promise<string | null> {
  return (await processes()).find((process) => process.pid === pid)?.started ?? null;
}

/** Whether there is a process of this number, be it one that we may not look at. */
export function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

/** The groups of all processes in whose environment `variable` has `value`, as far as this machine lets us look. */
export async function groupsWith(variable: string, value: string): Promise<number[]> {
  const entry = `${variable}=${value}`;
  const groups = await Promise.all(
    (await processes()).map(async ({ pid, group }) => {
      const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(() => "");
      return environment.split("\0").includes(entry) ? group : null;
    }),
  );
  return [...new Set(groups.filter((group) => group !== null))];
}

/** "pid (name) state parent group …", field 22 is the start; the name may hold blanks and brackets. */
function readStat(stat: string): ProcessInfo {
  const rest = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    pid: Number.parseInt(stat, 10),
    group: Number(rest[2]),
    zombie: rest[0] === "Z" || rest[0] === "X",
    started: rest[19] ?? "",
  };
}

async function processesByPs(): Promise<ProcessInfo[]> {
  // Times are compared between processes that may have other settings than we.
  const { stdout } = await execa("ps", ["-A", "-o", "pid=,pgid=,stat=,lstart="], { env: { LC_ALL: "C", TZ: "UTC" } });
  return stdout.split("\n").flatMap((line) => {
    const [pid, group, state, ...started] = line.trim().split(/\s+/);
    if (pid === undefined || group === undefined || state === undefined) return [];
    return [{ pid: Number(pid), group: Number(group), zombie: state.startsWith("Z"), started: started.join(" ") }];
  });
}
