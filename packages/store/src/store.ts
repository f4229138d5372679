/** What a store is: its calls, and the shapes that go in and out of them. */
import type { Readable } from "node:stream";
import type { Result } from "@baton/domain";

/** What the caller said of the bytes before they came, and how many there may be. */
export interface Expected {
  limit_bytes: number;
  /** SHA-256 in lower-case hex. */
  expected_sha256?: string | undefined;
  expected_bytes?: number | undefined;
}

/** Bytes that arrived as a whole and are on the disk, under a temporary name that nobody is shown. */
export interface Received {
  /** SHA-256 in lower-case hex. */
  checksum: string;
  size_bytes: number;
  /** The path of the temporary file. */
  temporary: string;
}

export interface OpenedContent {
  size_bytes: number;
  /** Hashes as it flows. Ends with `DamagedContent`, its last bytes held back, when the content is not what its name says. */
  stream: Readable;
}

/** `missing`: nothing lies there. `changed`: something else lies there. */
export type Damage = "missing" | "changed";

export interface Listed {
  checksum: string;
  /** Since it was last put, by the clocks of this machine and the store: good for politeness, not for correctness. */
  age_ms: number;
}

/** Everything but a refusal of `receive` that goes wrong is thrown: `StoreFailed` when the store itself cannot be used. */
export interface ArtifactStore {
  /**
   * Takes a stream to a temporary file and syncs it. Refused with `too_large`, `checksum_mismatch` (also for a wrong
   * length) or `request_timeout` (the stream broke off); nothing is left then. The stream is not destroyed.
   */
  receive(stream: Readable, expected: Expected): Promise<Result<Received>>;
  /** Puts the bytes under their content address, durably, in place of whatever lay there. The temporary file stays. */
  keep(received: Received): Promise<void>;
  /** Takes the temporary file away. What was kept stays kept. */
  discard(received: Received): Promise<void>;
  /** Null when nothing lies there. */
  open(checksum: string): Promise<OpenedContent | null>;
  /** Reads the content again from its first byte to its last. */
  verify(checksum: string): Promise<{ ok: true; size_bytes: number } | { ok: false; damage: Damage }>;
  has(checksum: string): Promise<boolean>;
  /** Everything under a content address, in no order. */
  list(): AsyncIterable<Listed>;
  /** Not there any more is as good. */
  remove(checksum: string): Promise<void>;
  /** Takes temporary files away that a crash left behind on this machine, older than `age_ms`; gives how many. */
  tidy(age_ms: number): Promise<number>;
  close(): Promise<void>;
}
