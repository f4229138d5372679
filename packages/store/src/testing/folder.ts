/** A folder for one test, what lies in it, and a way to damage it. */
import { mkdtemp, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { onTestFinished } from "vitest";
import { openStore, type StoreOptions } from "../open.ts";
import type { ArtifactStore } from "../store.ts";

const made = () => mkdtemp(join(tmpdir(), "baton-store-"));

/** Gone when the test is over. */
export async function folderForTest(): Promise<string> {
  const folder = await made();
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A store, on disk unless a bucket is given, with its folder; `drop` takes both away. */
export async function storeForTest(
  more: Omit<StoreOptions, "folder"> = {},
): Promise<{ store: ArtifactStore; folder: string; drop: () => Promise<void> }> {
  const folder = await made();
  const store = await openStore({ ...more, folder });
  const drop = async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { store, folder, drop };
}

/** The paths of all plain files under the folder. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

/** Flips the lowest bit of the byte at `at`. */
export async function flipByte(path: string, at = 0): Promise<void> {
  const file = await open(path, "r+");
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, at);
    byte[0] = (byte[0] ?? 0) ^ 1;
    await file.write(byte, 0, 1, at);
  } finally {
    await file.close();
  }
}
