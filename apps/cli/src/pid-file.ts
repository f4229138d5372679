/** Lets one `baton up` at a time work in a data folder. A claim ends with its process, whatever that leaves behind. */
import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

/** A pid alone would do for a wrong "still running" after a restart, when another program has it. */
const holder = z.object({ pid: z.number(), born: z.string() });

export type Claim = { taken: true; release: () => void } | { taken: false; why: string };

export function claimFolder(data_dir: string): Claim {
  try {
    mkdirSync(data_dir, { recursive: true });
    return claim(data_dir);
  } catch (error) {
    return { taken: false, why: `Nothing can be kept in ${data_dir}: ${String(error)}` };
  }
}

function claim(data_dir: string): Claim {
  const path = join(data_dir, "up.pid");
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, born: bornAt(process.pid) }));
  try {
    for (;;) {
      if (linked(draft, path)) return { taken: true, release: () => rmSync(path, { force: true }) };
      const holder_pid = livingHolder(path);
      if (holder_pid !== null) {
        return { taken: false, why: `Baton is already running on ${data_dir} (pid ${holder_pid}).` };
      }
      rmSync(path, { force: true });
    }
  } finally {
    rmSync(draft);
  }
}

/** A link appears whole or not at all, so that nobody ever reads half a claim. */
function linked(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function livingHolder(path: string): number | null {
  try {
    const { pid, born } = holder.parse(JSON.parse(readFileSync(path, "utf8")));
    return bornAt(pid) === born ? pid : null;
  } catch {
    // Released meanwhile, or not ours.
    return null;
  }
}

/** When a process was started, in words that no other process with its pid shares; empty when there is none. */
function bornAt(pid: number): string {
  try {
    return process.platform === "linux" ? bornOnLinux(pid) : askPs(pid);
  } catch {
    return "";
  }
}

/** Counted from the bracket that closes the program's name, which may hold blanks: the state, and 19 fields on the start. */
function bornOnLinux(pid: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const is_zombie = fields[0] === "Z";
  return is_zombie ? "" : `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()} ${fields[19]}`;
}

function askPs(pid: number): string {
  return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
}
