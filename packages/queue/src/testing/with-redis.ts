/** A word with a Redis server, past the queues: to wipe it, to fill it, to ask it how it is. */
import { Redis } from "ioredis";

/** On a connection of its own, which ends with the work. */
export async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  redis.on("error", () => {});
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}
