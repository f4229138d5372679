/** The servers of a cluster: what they keep when they are killed, and that they stand still when they are frozen. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { redisServerProgram, withRedis } from "@baton/queue/testing";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { leftBehind } from "../leftovers.ts";
import { type PostgresServer, startPostgres } from "./postgres.ts";
import { startRedis } from "./redis.ts";

const leftovers = leftBehind();

async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "baton-servers-"));
  leftovers.add(() => rm(folder, { recursive: true }));
  await chmod(folder, 0o755);
  return folder;
}

afterAll(leftovers.clear);

describe("Postgres", () => {
  let server: PostgresServer;

  beforeAll(async () => {
    const folder = await ownFolder();
    const settings = { deadlock_timeout: "1234ms" };
    server = await startPostgres({ folder, log: join(folder, "log"), settings, leftovers });
    return server.stop;
  });

  const ask = (statement: string) => asked(server.url, statement);

  test("what was committed before a kill is there after it, at the same address, and what was not is gone", async () => {
    await ask("create table kept (n int)");
    await ask("insert into kept values (1)");
    const open = new pg.Client({ connectionString: server.url });
    const cut = new Promise((resolve) => open.once("error", resolve));
    await open.connect();
    await open.query("begin");
    await open.query("insert into kept values (2)");
    await server.kill();
    await cut;
    await expect(ask("select 1")).rejects.toThrow(/ECONNREFUSED/);
    await server.start();
    expect(await ask("select n from kept")).toEqual([{ n: 1 }]);
  });

  test("it has the settings that it was given, and is as durable as a user's", async () => {
    const rows = await ask("select setting from pg_settings where name in ('deadlock_timeout', 'fsync') order by name");
    expect(rows).toEqual([{ setting: "1234" }, { setting: "on" }]);
  });

  test("a frozen one answers nobody, old connections neither, and goes on", async () => {
    const open = new pg.Client({ connectionString: server.url });
    await open.connect();
    onTestFinished(() => open.end());
    server.freeze();
    let answered = 0;
    const both = Promise.all([open.query("select 1"), ask("select 1")].map((one) => one.then(() => (answered += 1))));
    // Another server would have answered by then.
    await startRedis({ folder: await ownFolder(), settings: {}, leftovers }).then((other) => other.stop());
    expect(answered).toBe(0);
    server.thaw();
    await both;
    expect(answered).toBe(2);
  });

  test("a frozen one can be killed and started again", async () => {
    server.freeze();
    await server.kill();
    await server.start();
    expect(await ask("select 1 as n")).toEqual([{ n: 1 }]);
  });
});

describe.runIf(redisServerProgram())("Redis", () => {
  test("what it wrote down is there after a kill, frozen or not", async () => {
    const server = await startRedis({ folder: await ownFolder(), settings: { appendfsync: "always" }, leftovers });
    onTestFinished(server.stop);
    await withRedis(server.url, (redis) => redis.set("kept", "1"));
    await server.kill();
    await server.start();
    expect(await withRedis(server.url, (redis) => redis.get("kept"))).toBe("1");
    server.freeze();
    await server.kill();
    await server.start();
    expect(await withRedis(server.url, (redis) => redis.get("kept"))).toBe("1");
  });

  test("without a log of its own it comes back from its last snapshot", async () => {
    const server = await startRedis({ folder: await ownFolder(), settings: { appendonly: "no" }, leftovers });
    onTestFinished(server.stop);
    await withRedis(server.url, async (redis) => {
      await redis.set("seen", "old");
      await redis.save();
      await redis.set("seen", "new");
    });
    await server.kill();
    await server.start();
    expect(await withRedis(server.url, (redis) => redis.get("seen"))).toBe("old");
  });
});

async function asked(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => {});
  try {
    await client.connect();
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
