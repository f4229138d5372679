/** The queues on Redis. */
import { describe } from "vitest";
import { redis_there, redisForTest } from "./testing/redis-for-test.ts";
import { queueSuite } from "./testing/suite/index.ts";

describe.skipIf(!redis_there)("queues in Redis", () => {
  queueSuite(async () => {
    const redis = await redisForTest();
    return { backend: { kind: "redis", url: redis.url }, wipe: () => redis.wipe(), close: () => redis.close() };
  });
});
