/** The Redis of a test file: a throw-away server where one can be started, else the one that REDIS_URL names. */
import { Redis } from "ioredis";
import { redis_url, redisServerProgram } from "./env.ts";
import { startRedis } from "./redis-server.ts";

export const redis_there = redisServerProgram() !== undefined || redis_url !== undefined;

export interface RedisForTest {
  url: string;
  wipe(): Promise<void>;
  close(): Promise<void>;
}

export async function redisForTest(): Promise<RedisForTest> {
  const server = redisServerProgram() === undefined ? undefined : await startRedis();
  const url = server?.url ?? lastDatabaseOf(redis_url ?? "");
  const redis = new Redis(url);
  return {
    url,
    wipe: async () => {
      await redis.flushdb();
    },
    close: async () => {
      redis.disconnect();
      await server?.stop();
    },
  };
}

/** A shared server is only ever emptied where nobody else keeps anything. */
function lastDatabaseOf(given: string): string {
  const url = new URL(given);
  url.pathname = "/15";
  return url.href;
}
