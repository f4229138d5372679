/** What lies in a folder that may be taken in: plain files, by their path, with what is left out and why. Nothing is followed, nothing is opened. */
import type { Dirent } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { ArtifactName } from "@baton/domain";

export interface FoundFile {
  /** From the folder, with `/`. */
  path: string;
  name: string;
}

export interface Skipped {
  path: string;
  why: string;
}

export interface Found {
  files: FoundFile[];
  skipped: Skipped[];
}

/** What the server takes as an origin. */
const PATH_MAX = 800;
/** Deeper than anybody files things. */
const DEPTH_MAX = 32;

/** Why it is left out whatever it holds; null for a folder and a plain file. */
export function notTaken(entry: Dirent): string | null {
  if (entry.name.startsWith(".")) return "hidden";
  if (entry.isSymbolicLink()) return "a symbolic link";
  return entry.isDirectory() || entry.isFile() ? null : "not a plain file";
}

/** Entries in the order of their names. Throws what the file system throws. */
export async function entriesOf(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/** Everything under `root/path`, however deep. */
export async function findFiles(root: string, path: string, into: Found): Promise<void> {
  const entries = await entriesOf(join(root, path)).catch((error: unknown) => {
    into.skipped.push({ path, why: cannotRead(error) });
    return [];
  });
  for (const entry of entries) await takeEntry(root, `${path}/${entry.name}`, entry, into);
}

export async function takeEntry(root: string, path: string, entry: Dirent, into: Found): Promise<void> {
  const why = notTaken(entry) ?? (path.split("/").length > DEPTH_MAX ? "too deep" : null);
  if (why !== null) into.skipped.push({ path, why });
  else if (entry.isDirectory()) await findFiles(root, path, into);
  else await takeFile(root, path, entry.name, into);
}

async function takeFile(root: string, path: string, name: string, { files, skipped }: Found): Promise<void> {
  const why = await unfit(root, path, name);
  if (why === null) files.push({ path, name });
  else skipped.push({ path, why });
}

async function unfit(root: string, path: string, name: string): Promise<string | null> {
  if (!ArtifactName.safeParse(name).success) return "its name cannot be kept";
  if (path.length > PATH_MAX || /\p{Cc}/u.test(path) || !path.isWellFormed()) return "its path cannot be kept";
  try {
    return (await lstat(join(root, path))).size === 0 ? "empty" : null;
  } catch (error) {
    return cannotRead(error);
  }
}

export function cannotRead(error: unknown): string {
  return `cannot be read (${error instanceof Error && "code" in error ? String(error.code) : "unknown"})`;
}
