/** The files that an agent leaves in BATON_OUT/artifacts: taken aside before its reports are read, given away while the attempt's folders are still there. Links are not followed. */
import { constants } from "node:fs";
import { lstat, open, readdir, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { ArtifactName } from "@baton/domain";
import { illFormed, type Parsed } from "@baton/formats";
import { failed, type LeftFile, proceed, type Step, stopped } from "./assignment.ts";
import { type Attempt, note } from "./attempt.ts";

const FILES_MAX = 100;

/** Empty when there is no such folder. Says of everything in it that is no plain file with a proper name what is wrong. */
export async function takeLeftFiles(out: string): Promise<Parsed<LeftFile[]>> {
  const aside = join(dirname(out), "artifacts");
  const found = await lstat(join(out, "artifacts")).catch(() => null);
  if (found === null) return { ok: true, value: [] };
  if (!found.isDirectory()) return illFormed("artifacts is not a folder");
  await rename(join(out, "artifacts"), aside);
  const entries = await readdir(aside, { withFileTypes: true });
  if (entries.length > FILES_MAX)
    return illFormed(`artifacts holds ${entries.length} files; at most ${FILES_MAX} are taken`);
  const wrong: string[] = [];
  const files = new Map<string, LeftFile>();
  for (const entry of entries) {
    const name = ArtifactName.safeParse(entry.name);
    if (!entry.isFile()) wrong.push(`artifacts/${entry.name} is not a plain file`);
    else if (!name.success) wrong.push(`artifacts/${entry.name} has a name that cannot be taken`);
    else if (files.has(name.data)) wrong.push(`artifacts/${entry.name} is there twice, spelled differently`);
    else files.set(name.data, leftFile(name.data, join(aside, entry.name)));
  }
  return wrong.length === 0 ? { ok: true, value: [...files.values()] } : illFormed(wrong.join("\n").toWellFormed());
}

function leftFile(name: string, path: string): LeftFile {
  return { name, path, open: () => openPlainly(path) };
}

/** It may have been replaced since it was seen: O_NOFOLLOW, and O_NONBLOCK for a pipe without a writer. */
async function openPlainly(path: string): Promise<Readable> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if ((await file.stat()).isFile()) return file.createReadStream();
  await file.close();
  throw new Error("a file that an agent left is no plain file any more");
}

export async function giveFiles({ surroundings }: Attempt, files: readonly LeftFile[]): Promise<Step<null>> {
  const { keepFile, signal } = surroundings;
  if (keepFile === undefined && files.length > 0) note(surroundings, "nobody takes the files in BATON_OUT/artifacts");
  if (keepFile === undefined) return proceed(null);
  for (const file of files) {
    if (signal.aborted) return stopped();
    const kept = await keepFile(file);
    if (kept === "lost") return stopped();
    if (kept !== "kept") return failed(`artifacts/${file.name} cannot be taken: ${kept.refused}`);
  }
  return proceed(null);
}
