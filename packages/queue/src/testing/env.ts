/** What tests read from their surroundings: a Redis to use, and where to find a server to start. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { z } from "zod";

const schema = z.object({ PATH: z.string().default(""), REDIS_URL: z.string().min(1).optional() });

const { PATH, REDIS_URL } = schema.parse(process.env);

/** The path of the program, when there is one. */
export function redisServerProgram(): string | undefined {
  const candidates = PATH.split(delimiter).map((folder) => join(folder, "redis-server"));
  return candidates.find(isProgram);
}

export const redis_url = REDIS_URL;

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
