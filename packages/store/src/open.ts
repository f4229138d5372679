/** Opens a store: the folder alone, or a bucket with the folder for what is under way. */
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { addressOf } from "./address.ts";
import { diskShelf } from "./disk.ts";
import { orFailed } from "./faults.ts";
import { listContents, openContent, verifyContent } from "./look.ts";
import { receive, tidyTemporary } from "./receive.ts";
import type { S3Credentials } from "./s3.ts";
import type { Shelf } from "./shelf.ts";
import type { ArtifactStore } from "./store.ts";

export interface StoreOptions {
  /** `s3://bucket/prefix?endpoint=…&region=…`; unset: the contents lie in the folder. */
  url?: string | undefined;
  /** Contents and uploads under way, or, with a bucket, the latter alone. Made when it is not there. */
  folder: string;
  /** For a bucket; unset: wherever the AWS SDK finds them. */
  credentials?: S3Credentials | undefined;
}

/** Throws `StoreUnfit` when the URL cannot be used. Nothing is read or written yet. */
export async function openStore({ url, folder, credentials }: StoreOptions): Promise<ArtifactStore> {
  const root = resolve(folder);
  const temporary = `${root}/temporary`;
  const shelf = url === undefined ? diskShelf(root) : await bucketShelf(url, credentials);
  const { disk, prefix, place, close } = shelf;
  const keyOf = (checksum: string) => prefix + addressOf(checksum);
  const open = async (checksum: string) => openContent(disk, keyOf(checksum), checksum);
  return {
    receive: (stream, expected) => receive(temporary, stream, expected),
    keep: (received) => orFailed("keeping", () => place(received, keyOf(received.checksum))),
    discard: ({ temporary: path }) => orFailed("tidying", () => rm(path, { force: true })),
    open,
    verify: async (checksum) => verifyContent(await open(checksum)),
    has: async (checksum) => {
      const key = keyOf(checksum);
      return orFailed("looking", () => disk.exists(key));
    },
    list: () => listContents(shelf),
    remove: async (checksum) => {
      const key = keyOf(checksum);
      await orFailed("removing", () => disk.delete(key));
    },
    tidy: (age_ms) => tidyTemporary(temporary, age_ms),
    close: async () => close(),
  };
}

/** The AWS SDK is large: who has no bucket does not load it. */
async function bucketShelf(url: string, credentials: S3Credentials | undefined): Promise<Shelf> {
  const { s3Shelf } = await import("./s3.ts");
  return s3Shelf(url, credentials);
}
