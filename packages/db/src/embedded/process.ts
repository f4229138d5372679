/** Questions about other processes: is it alive, where does it stand, wait until it is gone. Sends no signals itself. */
import { readFile, readlink, realpath } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { execFileSafely } from "./exec.ts";

/** A zombie counts as gone: in a container nobody may ever collect an adopted server. */
export async function isAlive(pid: number): Promise<boolean> {
  if (!exists(pid)) return false;
  if (process.platform !== "linux") return true;
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The state follows the program's name, which stands in brackets and may itself hold brackets.
  const state = stat.slice(stat.lastIndexOf(")") + 2, stat.lastIndexOf(")") + 3);
  return state !== "" && state !== "Z" && state !== "X";
}

/** Whether a living process stands in this folder, as a Postgres server does in its cluster. */
export async function standsIn(pid: number, folder: string): Promise<"yes" | "no" | "unknown"> {
  if (process.platform !== "linux") return runsPostgres(pid);
  try {
    return (await readlink(`/proc/${pid}/cwd`)) === (await realpath(folder)) ? "yes" : "no";
  } catch {
    return "unknown";
  }
}

export async function isGoneWithin(pid: number, limit_ms: number): Promise<boolean> {
  const deadline = Date.now() + limit_ms;
  while (await isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await delay(20);
  }
  return true;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Without /proc the program's name must do; mistaking a foreign server for ours is refused later, at its password. */
async function runsPostgres(pid: number): Promise<"yes" | "no" | "unknown"> {
  const listed = await execFileSafely("ps", ["-o", "args=", "-p", String(pid)], null);
  if (!listed.ok) return "unknown";
  return listed.output.includes("postgres") ? "yes" : "no";
}
