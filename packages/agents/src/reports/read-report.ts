/** Reads one file that an agent may have left: a plain file of bounded size, UTF-8, no link. Does not look at what it says. */
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { illFormed, type Parsed } from "@baton/formats";

/** The text, null when there is no such file. */
export async function readReport(path: string, largest: number): Promise<Parsed<string | null>> {
  const file = await openPlainly(path);
  if (!file.ok || file.value === null) return file as Parsed<null>;
  try {
    return await readWhole(file.value, largest);
  } finally {
    await file.value.close();
  }
}

/** O_NONBLOCK: a named pipe without a writer must not hold us up. */
async function openPlainly(path: string): Promise<Parsed<FileHandle | null>> {
  try {
    return { ok: true, value: await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return { ok: true, value: null };
    return illFormed(code === "ELOOP" ? "is a symbolic link, which is not followed" : `cannot be read (${code})`);
  }
}

async function readWhole(file: FileHandle, largest: number): Promise<Parsed<string>> {
  const found = await file.stat();
  if (!found.isFile()) return illFormed("is not a plain file");
  if (found.size > largest) return illFormed(`is ${found.size} bytes long; at most ${largest} are read`);
  const bytes = Buffer.alloc(found.size);
  const { bytesRead } = await file.read(bytes, 0, found.size, 0);
  try {
    return { ok: true, value: new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(0, bytesRead)) };
  } catch {
    return illFormed("is not UTF-8");
  }
}
