/**
 * Under which account Postgres runs. Postgres refuses to run as root, so root hands it to an account that already
 * exists; everybody else runs it as themselves. Where the files lie is `home.ts`.
 */
import { chown, stat } from "node:fs/promises";
import { execFileSafely } from "./exec.ts";
import { Refusal } from "./refusal.ts";

/** An unprivileged account root switches to; `null` means "as ourselves". */
export type Runner = { uid: number; gid: number } | null;

const ACCOUNTS = ["postgres", "nobody"];

/** A cluster that exists decides: whoever owns it goes on running it, so a laptop's database also opens under sudo. */
export async function chooseRunner(cluster: string | null): Promise<Runner> {
  if (process.getuid?.() !== 0) return null;
  const owner = cluster === null ? null : await stat(cluster).catch(() => null);
  if (owner !== null && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  for (const account of ACCOUNTS) {
    const found = await lookUp(account);
    if (found !== null) return found;
  }
  throw new Refusal(`Postgres cannot run as root, and none of the accounts ${ACCOUNTS.join(", ")} exists here.`);
}

export async function canEnter(runner: Runner, folder: string): Promise<boolean> {
  const probe = await execFileSafely("/bin/sh", ["-c", 'cd "$1"', "sh", folder], runner);
  return probe.ok;
}

export async function giveTo(runner: Runner, path: string): Promise<void> {
  if (runner !== null) await chown(path, runner.uid, runner.gid);
}

async function lookUp(account: string): Promise<Runner> {
  const uid = await execFileSafely("id", ["-u", account], null);
  const gid = await execFileSafely("id", ["-g", account], null);
  if (!uid.ok || !gid.ok) return null;
  return { uid: Number(uid.output), gid: Number(gid.output) };
}
