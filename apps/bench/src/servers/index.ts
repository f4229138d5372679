/** The servers of a bench run, its own and gone with it: one Redis, one Postgres, on spare ports. */
import { startRedis } from "@baton/queue/testing";
import { Redis } from "ioredis";
import { cpuOfTree } from "./cpu.ts";
import { type FreshDatabase, startPostgres } from "./postgres.ts";
import { redisBytes } from "./size.ts";

export interface Servers {
  redis_url: string;
  versions: { redis: string; postgres: string };
  /** Everything in Redis is gone afterwards. */
  wipeRedis(): Promise<void>;
  /** Memory of its contents and of what it needs for them. */
  redisBytes(): Promise<number>;
  freshDatabase(): Promise<FreshDatabase>;
  /** CPU time of both servers so far; NaN where the system does not tell. */
  cpuMs(): Promise<number>;
  stop(): Promise<void>;
}

export async function startServers(): Promise<Servers> {
  const [redis_server, postgres] = await Promise.all([startRedis(), startPostgres()]);
  const redis = new Redis(redis_server.url);
  const info = await redis.info("server");
  return {
    redis_url: redis_server.url,
    versions: { redis: /redis_version:(\S+)/.exec(info)?.[1] ?? "unknown", postgres: postgres.version },
    wipeRedis: async () => {
      await redis.flushall();
    },
    redisBytes: () => redisBytes(redis),
    freshDatabase: () => postgres.freshDatabase(),
    cpuMs: () => cpuOfTree([redis_server.pid, postgres.pid]),
    stop: async () => {
      redis.disconnect();
      await Promise.all([redis_server.stop(), postgres.stop()]);
    },
  };
}
