/** Content on the local disk. The library reads, lists and deletes; putting a file in its place so that a power cut cannot lose it is done here. */
import { copyFile, link, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Disk } from "flydrive";
import { FSDriver } from "flydrive/drivers/fs";
import type { Shelf } from "./shelf.ts";

export function diskShelf(folder: string): Shelf {
  return {
    disk: new Disk(new FSDriver({ location: folder, visibility: "private" })),
    place: ({ temporary }, key) => place(temporary, join(folder, key), folder),
    prefix: "",
    areas: AREAS,
    close: () => {},
  };
}

/** A folder is read as a whole: not the largest at once. */
const AREAS = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, "0"));

/** A second name for the same bytes is renamed over the address: readers see the old file or the new one, never a part. */
async function place(temporary: string, address: string, root: string): Promise<void> {
  const second = `${temporary}.kept`;
  await rm(second, { force: true });
  await mkdir(dirname(address), { recursive: true, mode: 0o700 });
  await link(temporary, second).catch(() => copied(temporary, second));
  await rename(second, address);
  // Renaming one name of a file over another of its names does nothing and leaves both.
  await rm(second, { force: true });
  for (let folder = dirname(address); ; folder = dirname(folder)) {
    await sync(folder);
    if (folder === root) return;
  }
}

/** For file systems without hard links. */
async function copied(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await sync(to);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
