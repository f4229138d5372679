/** Weighing Redis: what clients have said just now must not be taken for contents. */
import { redisServerProgram, startRedis } from "@baton/queue/testing";
import { Redis } from "ioredis";
import { expect, onTestFinished, test } from "vitest";
import { redisBytes } from "./size.ts";

test.skipIf(redisServerProgram() === undefined)(
  "a key weighs what it holds, however much was sent beside it",
  async () => {
    const server = await startRedis();
    const [redis, other] = [new Redis(server.url), new Redis(server.url)];
    onTestFinished(async () => {
      redis.disconnect();
      other.disconnect();
      await server.stop();
    });
    const put = async (key: string) => {
      await other.echo("x".repeat(300_000));
      await other.set(key, "x".repeat(100_000));
      return redisBytes(redis);
    };
    const before = await put("one");
    const grown = (await put("another")) - before;
    expect(grown).toBeGreaterThan(99_000);
    expect(grown).toBeLessThan(125_000);
  },
);

test.skipIf(redisServerProgram() === undefined)("what a stream of events holds is not weighed", async () => {
  const server = await startRedis();
  const redis = new Redis(server.url);
  onTestFinished(async () => {
    redis.disconnect();
    await server.stop();
  });
  const tell = async (count: number) => {
    for (let n = 0; n < count; n += 1) await redis.xadd("baton:dev:events", "*", "event", "x".repeat(1_000));
    return redisBytes(redis);
  };
  const before = await tell(1);
  expect((await tell(300)) - before).toBeLessThan(20_000);
});
