/** Puts a file that a hosted agent left, as an artifact of its attempt. A database or a store that is away for a moment must not cost the work. */
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { isAway } from "@baton/db";
import { mediaTypeOfName, type Result } from "@baton/domain";
import { isStoreAway } from "@baton/store";
import { type PutArtifact, putHeldArtifact } from "./artifacts.ts";
import type { Assignment } from "./hosted.ts";
import type { Line } from "./line.ts";

export interface HostedFile {
  name: string;
  open(): Promise<Readable>;
}

const AGAIN_MS = 500;
/** A lease that is kept alive ends with the database, but not with the store. */
const STORE_TRIES = 10;

/** Throws when the signal fires, and when the store stays away. */
export async function keepHostedFile(
  line: Line,
  { held }: Assignment,
  file: HostedFile,
  { limit_bytes, signal }: { limit_bytes: number; signal: AbortSignal },
): Promise<Result<PutArtifact>> {
  return untilThere(signal, () => putOnce(line, held, file, limit_bytes));
}

/** Does it again while the database is away, and for a while when the store is. */
export async function untilThere<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  for (let store_failures = 0; ; ) {
    try {
      return await work();
    } catch (error) {
      if (isStoreAway(error)) store_failures += 1;
      if (signal.aborted || store_failures >= STORE_TRIES || !(isAway(error) || isStoreAway(error))) throw error;
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function putOnce(line: Line, held: Assignment["held"], { name, open }: HostedFile, limit_bytes: number) {
  const stream = await open();
  try {
    return await putHeldArtifact(line, held, { name, media_type: mediaTypeOfName(name), stream, limit_bytes });
  } finally {
    stream.destroy();
  }
}
