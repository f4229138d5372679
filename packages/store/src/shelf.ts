/** Where contents lie: the library's disk, and the one step that differs between a folder and a bucket. */
import type { Disk } from "flydrive";
import type { Received } from "./store.ts";

export interface Shelf {
  disk: Disk;
  /** Before every key; empty or ending with a slash. */
  prefix: string;
  /** The folders that are listed one after the other; between them they hold everything. */
  areas: readonly string[];
  /** Makes the received bytes the content of `key`, all at once and durably. */
  place(received: Received, key: string): Promise<void>;
  close(): void;
}
