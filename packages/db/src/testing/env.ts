/** What the test run reads from its surroundings: whether there is a Redis to test against, and where its files lie. */
import { accessSync, constants, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";

const schema = z.object({
  REDIS_URL: z.string().min(1).optional(),
  PATH: z.string().default(""),
  TMPDIR: z.string().min(1).optional(),
});

/** For programs that tests start: where Node keeps what it made of their sources. Making it anew is half of a start. */
export const COMPILED = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../../../../node_modules/.cache/node", import.meta.url)),
};

export function redisIsThere(): boolean {
  const { REDIS_URL, PATH } = schema.parse(process.env);
  return REDIS_URL !== undefined || PATH.split(delimiter).some((folder) => existsSync(join(folder, "redis-server")));
}

const IN_MEMORY = "/dev/shm";
const GB = 2 ** 30;
/** Far more than a test run keeps at once. */
const ROOM = { free: 4 * GB, memory: 6 * GB };

/** TMPDIR where it is set, else memory where there is room: a database a test is made and dropped twenty times as fast there. */
export function temporaryRoot(): string {
  const { TMPDIR } = schema.parse(process.env);
  return TMPDIR ?? (isRoomy(IN_MEMORY) ? IN_MEMORY : tmpdir());
}

function isRoomy(folder: string): boolean {
  if (process.availableMemory() < ROOM.memory || !existsSync(folder)) return false;
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize >= ROOM.free && runsPrograms(folder);
}

/** Containers may forbid it there, and tests put programs where they work. */
function runsPrograms(folder: string): boolean {
  try {
    const own = mkdtempSync(join(folder, "baton-look-"));
    try {
      writeFileSync(join(own, "program"), "", { mode: 0o755 });
      accessSync(join(own, "program"), constants.X_OK);
      return true;
    } finally {
      rmSync(own, { recursive: true });
    }
  } catch {
    return false;
  }
}
