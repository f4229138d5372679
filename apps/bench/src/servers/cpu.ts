/** CPU time of processes that are not Node's, with all their children: read from /proc, which only Linux has. */
import { readdir, readFile } from "node:fs/promises";

/** Linux has counted in hundredths of a second for user space for as long as it exists. */
const MS_PER_TICK = 10;

/** Of the processes and all that descends from them, ended ones included; NaN where there is no /proc. */
export async function cpuOfTree(roots: readonly number[]): Promise<number> {
  const all = await processes();
  if (all.size === 0) return Number.NaN;
  const belongs = (pid: number): boolean => roots.includes(pid) || (all.has(pid) && belongs(all.get(pid)?.parent ?? 0));
  return [...all].reduce((sum, [pid, { ticks }]) => sum + (belongs(pid) ? ticks * MS_PER_TICK : 0), 0);
}

interface Process {
  parent: number;
  ticks: number;
}

async function processes(): Promise<Map<number, Process>> {
  const names = await readdir("/proc").catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => [pid, await processOf(pid)] as const));
  return new Map(found.flatMap(([pid, process]) => (process === null ? [] : [[pid, process]])));
}

/** Null when it has ended in the meantime. */
async function processOf(pid: number): Promise<Process | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The fields are counted from behind the program's name, which stands in brackets and may itself hold brackets.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  if (fields.length < 20) return null;
  const [parent, ...times] = [fields[1], ...fields.slice(11, 15)].map(Number);
  return { parent: parent ?? 0, ticks: times.reduce((sum, time) => sum + time, 0) };
}
