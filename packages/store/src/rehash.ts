/** Hashes what flows through and holds the newest bytes back until the ones before them are known to be right, so that a damaged content never arrives as a whole. */
import { createHash } from "node:crypto";
import { Transform, type TransformCallback } from "node:stream";
import { DamagedContent } from "./faults.ts";

export class Rehash extends Transform {
  readonly #hash = createHash("sha256");
  readonly #checksum: string;
  #held: Buffer | null = null;

  constructor(checksum: string) {
    super();
    this.#checksum = checksum;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#hash.update(chunk);
    if (this.#held !== null) this.push(this.#held);
    this.#held = chunk;
    done();
  }

  override _flush(done: TransformCallback): void {
    if (this.#hash.digest("hex") !== this.#checksum) return done(new DamagedContent(this.#checksum));
    if (this.#held !== null) this.push(this.#held);
    done();
  }
}
