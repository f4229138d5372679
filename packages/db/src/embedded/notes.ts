/**
 * The two notes that tie a data folder to a home kept elsewhere: the data folder points to its home, the home says
 * whose it is. `home.ts` decides by them where to live, `shelter.ts` what may be cleared away.
 */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { isAlive } from "./process.ts";

/** The cluster's folder inside a home. */
export const CLUSTER = "data";

const POINTER = "elsewhere.json";
const OWNER = "owner.json";

const pointer = z.object({ home: z.string() });
/** The maker's pid keeps a home safe in the moment between its making and the pointer to it. */
const owner = z.object({ folder: z.string(), maker_pid: z.number() });

export async function pointedHome(folder: string): Promise<string | null> {
  const note = await readNote(join(folder, POINTER), pointer);
  return note?.home ?? null;
}

export async function pointTo(home: string, folder: string): Promise<void> {
  await writeFile(join(folder, POINTER), JSON.stringify({ home }));
}

export async function ownerOf(home: string): Promise<string | null> {
  const note = await readNote(join(home, OWNER), owner);
  return note?.folder ?? null;
}

export async function setOwner(home: string, folder: string): Promise<void> {
  await writeFile(join(home, OWNER), JSON.stringify({ folder, maker_pid: process.pid }));
}

/** Whether the data folder is still there and points to this home, or is just about to. */
export async function isWanted(home: string): Promise<boolean> {
  const note = await readNote(join(home, OWNER), owner);
  if (note === null) return false;
  if ((await pointedHome(note.folder)) === home) return true;
  const in_the_making = !existsSync(join(home, CLUSTER));
  return in_the_making && (await isAlive(note.maker_pid));
}

async function readNote<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  try {
    return schema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return null;
  }
}
