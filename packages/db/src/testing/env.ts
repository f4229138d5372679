/** What the test run reads from its surroundings: whether there is a Redis to test against. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { z } from "zod";

const schema = z.object({ REDIS_URL: z.string().min(1).optional(), PATH: z.string().default("") });

export function redisIsThere(): boolean {
  const { REDIS_URL, PATH } = schema.parse(process.env);
  return REDIS_URL !== undefined || PATH.split(delimiter).some((folder) => existsSync(join(folder, "redis-server")));
}
