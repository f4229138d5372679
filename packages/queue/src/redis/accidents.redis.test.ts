/** What happens when a real Redis is killed, emptied or full. */
import { Worker } from "bullmq";
import { Redis } from "ioredis";
import { afterEach, describe, expect, test } from "vitest";
import { type Backend, PREFIX } from "../backend.ts";
import { openConsumer } from "../consumer.ts";
import { openHands } from "../hands.ts";
import { openProducer, type Producer } from "../producer.ts";
import { type RedisServer, redisServerProgram, startRedis } from "../testing/index.ts";
import { newTicket, newTickets, noting } from "../testing/suite/bench.ts";
import { redisConsuming } from "./consuming.ts";

const open: (() => Promise<unknown>)[] = [];

async function lineOn(settings: Record<string, string> = {}) {
  const server = await startRedis(settings);
  const backend: Backend = { kind: "redis", url: server.url };
  const producer = openProducer(backend, { onError: () => {} });
  const { seen, look } = noting();
  const consumer = openConsumer(backend, "dev", { concurrency: 5, look, producer, onError: () => {} });
  open.push(
    () => server.stop(),
    () => producer.close(),
    () => consumer.drain(1_000),
  );
  return { server, producer, consumer, seen };
}

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function flushAll(server: RedisServer): Promise<void> {
  const redis = new Redis(server.url);
  await redis.flushall();
  redis.disconnect();
}

function adding(producer: Producer, ...tickets: ReturnType<typeof newTickets>): () => Promise<string> {
  return () => producer.add(tickets).then(() => "added", String);
}

describe.skipIf(redisServerProgram() === undefined)("accidents of Redis", () => {
  test("five seconds after a killed Redis is back, empty, new tickets are looked at", async () => {
    const { server, producer, seen } = await lineOn();
    await producer.add([newTicket()]);
    await expect.poll(() => seen).toHaveLength(1);
    for (let round = 2; round <= 4; round++) {
      await server.kill();
      await expect(producer.add([newTicket()])).rejects.toThrow("does not answer");
      await server.restart();
      await expect.poll(adding(producer, newTicket()), { timeout: 5_000 }).toBe("added");
      await expect.poll(() => seen, { timeout: 5_000 }).toHaveLength(round);
    }
  });

  test("FLUSHALL in the middle of a burst loses tickets, and nothing but tickets", async () => {
    const { server, producer, seen } = await lineOn();
    const tickets = newTickets(3_000);
    const added = producer.add(tickets);
    await expect.poll(() => seen.length).toBeGreaterThan(50);
    await flushAll(server);
    await added;
    await expect.poll(async () => (await producer.depth()).dev.waiting, { timeout: 10_000 }).toBe(0);
    const again = tickets.map((ticket) => ({ ...ticket, dispatch: 2 }));
    seen.length = 0;
    await producer.add(again);
    await expect.poll(() => seen.length, { timeout: 10_000 }).toBe(again.length);
  });

  test("a full Redis refuses tickets, is not asked again without a pause, and works on once there is room", async () => {
    const { server, producer } = await lineOn();
    const redis = new Redis(server.url);
    const waiting = newTickets(3, "qa");
    await producer.add(waiting);
    await redis.config("SET", "maxmemory", "1");
    await expect(producer.add([newTicket()])).rejects.toThrow(/OOM/);
    const { seen, look } = noting();
    const errors: Error[] = [];
    await redis.config("RESETSTAT");
    const consumer = openConsumer({ kind: "redis", url: server.url }, "qa", {
      concurrency: 5,
      look,
      producer,
      onError: (error) => errors.push(error),
    });
    open.push(
      () => consumer.drain(1_000),
      () => Promise.resolve(redis.disconnect()),
    );
    await expect.poll(() => errors.length, { timeout: 5_000 }).toBeGreaterThan(1);
    expect(await scriptsRunBy(redis)).toBeLessThan(20);
    await redis.config("SET", "maxmemory", "0");
    await expect.poll(() => seen, { timeout: 5_000 }).toEqual(waiting);
  });
});

describe.skipIf(redisServerProgram() === undefined)("tickets of a real Redis", () => {
  test("a ticket that was given back waits, and is not missed", async () => {
    const { server, producer } = await lineOn();
    const ticket = newTicket("qa");
    await producer.add([ticket]);
    const worker = new Worker("qa", null, { connection: { url: server.url }, prefix: "baton" });
    open.push(() => worker.close());
    const job = await worker.getNextJob("token");
    expect(await producer.missing([ticket])).toEqual([ticket]);
    await job?.moveToWait("token");
    expect(await producer.missing([ticket])).toEqual([]);
  });

  test("a worker that ends passes on the call for a ticket that it alone has heard", async () => {
    const { server, producer, consumer } = await lineOn();
    await consumer.drain(1_000);
    const backend = redisConsuming(server.url, "dev", openHands(1)).factory("dev", { connection: {} });
    open.push(() => backend.close());
    await producer.add([newTicket()]);
    const redis = new Redis(server.url);
    open.push(async () => redis.disconnect());
    const calls = () => redis.zcard(`${PREFIX}:dev:marker`);
    expect([await calls(), await backend.waitForJob(5), await calls()]).toEqual([1, expect.anything(), 0]);
    await backend.disconnectBlocking();
    expect([await backend.moveToActive("token"), await calls()]).toEqual([[], 1]);
  });
});

async function scriptsRunBy(redis: Redis): Promise<number> {
  const stats = await redis.info("commandstats");
  return [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}
