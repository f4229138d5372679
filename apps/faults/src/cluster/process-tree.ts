/** The processes that a process has started, from /proc, which only Linux has. */
import { readdirSync, readFileSync } from "node:fs";

/** All that descend from it, nearest first, without itself. */
export function descendantsOf(root: number): number[] {
  const parents = livingProcesses();
  const found = [root];
  for (const above of found) for (const [pid, parent] of parents) if (parent === above) found.push(pid);
  return found.slice(1);
}

/** Does nothing to those that have ended meanwhile. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  }
}

function livingProcesses(): Map<number, number> {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return new Map(pids.flatMap((pid) => parentOf(pid)));
}

/** Nothing when it has ended meanwhile. */
function parentOf(pid: string): [number, number][] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The fields are counted from behind the program's name, which stands in brackets and may itself hold brackets.
    return [[Number(pid), Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1])]];
  } catch {
    return [];
  }
}
