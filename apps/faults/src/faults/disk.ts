/** A disk of a size of its own: a tmpfs that is mounted for a scenario, filled up and emptied again. */
import { execFile } from "node:child_process";
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { leftBehind } from "../cluster/leftovers.ts";

const run = promisify(execFile);

export interface Disk {
  folder: string;
  /** Leaves no byte. */
  fill(): void;
  /** Gives back what `fill` took. */
  relieve(): void;
  unmount(): Promise<void>;
}

const PIECE = Buffer.alloc(64 * 1024);

/** Null where mounting is not allowed. */
export async function mountDisk(folder: string, size_mb: number): Promise<Disk | null> {
  mkdirSync(folder, { recursive: true });
  const options = `size=${size_mb}m,mode=0755`;
  const leftovers = leftBehind();
  const mounting = run("mount", ["-t", "tmpfs", "-o", options, "tmpfs", folder]).then(
    () => true,
    () => false,
  );
  leftovers.add(async () => {
    // "Lazy": also when something still has a file open there.
    if (await mounting) await run("umount", ["--lazy", folder]);
  });
  if (!(await mounting)) {
    await leftovers.clear();
    return null;
  }
  const ballast = join(folder, "ballast");
  return {
    folder,
    fill: () => fillUp(ballast),
    relieve: () => rmSync(ballast, { force: true }),
    unmount: leftovers.clear,
  };
}

function fillUp(file: string): void {
  const ballast = openSync(file, "a");
  try {
    for (let piece = PIECE; piece.length > 0; ) {
      try {
        writeSync(ballast, piece);
      } catch {
        // Ever smaller pieces, until not even a byte fits.
        piece = piece.subarray(0, Math.floor(piece.length / 2));
      }
    }
  } finally {
    closeSync(ballast);
  }
}
