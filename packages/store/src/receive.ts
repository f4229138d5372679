/** Takes bytes in: to a temporary file of a made-up name, hashed while they flow, compared with what was said of them, synced. */
import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, mkdir, open, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { ok, type Result, refused } from "@baton/domain";
import { orFailed } from "./faults.ts";
import type { Expected, Received } from "./store.ts";

export async function receive(folder: string, stream: Readable, expected: Expected): Promise<Result<Received>> {
  const { limit_bytes, expected_bytes } = expected;
  if (expected_bytes !== undefined && expected_bytes > limit_bytes) return tooLarge(limit_bytes);
  const temporary = join(folder, randomUUID());
  const file = await orFailed("making a file", async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return open(temporary, "wx", 0o600);
  });
  try {
    const taken = await takeAndClose(stream, file, limit_bytes);
    const judged = taken.ok ? judge(taken.value, expected) : taken;
    if (judged.ok) return ok({ ...judged.value, temporary });
    await rm(temporary, { force: true });
    return judged;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

interface Taken {
  checksum: string;
  size_bytes: number;
}

async function takeAndClose(stream: Readable, file: FileHandle, limit_bytes: number): Promise<Result<Taken>> {
  try {
    return await take(stream, file, limit_bytes);
  } finally {
    await file.close();
  }
}

async function take(stream: Readable, file: FileHandle, limit_bytes: number): Promise<Result<Taken>> {
  const hash = createHash("sha256");
  let size_bytes = 0;
  // Whoever gave the stream may have an answer to send on the same connection.
  const chunks = stream.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await chunks.next().catch((error: Error) => error);
    if (next instanceof Error)
      return refused("request_timeout", "The file did not arrive as a whole. Nothing was kept.");
    if (next.done) break;
    const chunk = next.value as Buffer;
    size_bytes += chunk.length;
    if (size_bytes > limit_bytes) {
      await chunks.return?.();
      return tooLarge(limit_bytes);
    }
    hash.update(chunk);
    await orFailed("writing", () => writeAll(file, chunk));
  }
  await orFailed("syncing", () => file.sync());
  return ok({ checksum: hash.digest("hex"), size_bytes });
}

/** A write may take less than it was given. */
async function writeAll(file: FileHandle, chunk: Buffer): Promise<void> {
  for (let at = 0; at < chunk.length; ) at += (await file.write(chunk, at)).bytesWritten;
}

function judge(taken: Taken, { expected_sha256, expected_bytes }: Expected): Result<Taken> {
  if (expected_bytes !== undefined && taken.size_bytes !== expected_bytes) {
    return refused("checksum_mismatch", `${taken.size_bytes} bytes arrived, ${expected_bytes} were announced.`);
  }
  if (expected_sha256 !== undefined && taken.checksum !== expected_sha256) {
    return refused("checksum_mismatch", `The bytes that arrived have the SHA-256 ${taken.checksum}.`);
  }
  return ok(taken);
}

function tooLarge(limit_bytes: number) {
  return refused("too_large", `The file is larger than ${limit_bytes} bytes.`);
}

/** What a crash left behind; nobody waits for a file of that age any more. */
export async function tidyTemporary(folder: string, age_ms: number): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  let gone = 0;
  for (const name of names) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found === null || Date.now() - found.mtimeMs < age_ms) continue;
    await rm(path, { force: true });
    gone += 1;
  }
  return gone;
}
