/** Answers to commits that a way withholds, with a real Postgres: it is done, and the caller does not know. */
import { freshDatabase } from "@baton/db/testing";
import pg from "pg";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { startWay } from "./start-way.ts";
import type { Way } from "./way.ts";

let url: string;

beforeAll(async () => {
  const database = await freshDatabase();
  url = database.url;
  await past((client) => client.query("create table marks (mark text)"));
  return database.drop;
});

async function past<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

async function marked(mark: string): Promise<number> {
  const found = await past((client) => client.query("select from marks where mark = $1", [mark]));
  return found.rowCount ?? 0;
}

async function wayWithClient(): Promise<{ way: Way; client: pg.Client }> {
  const way = await startWay(url);
  onTestFinished(() => way.close());
  return { way, client: await clientThrough(way) };
}

async function clientThrough(way: Way): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: way.url });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(async () => {
    await client.end().catch(() => {});
  });
  return client;
}

const insert = (mark: string) => ({ name: "put", text: "insert into marks values ($1)", values: [mark] });

test("a statement that is its own transaction is done although its answer never comes", async () => {
  const { way, client } = await wayWithClient();
  await client.query(insert("heard"));
  const cut = way.cutAfterCommit(100);
  await expect(client.query(insert("unheard"))).rejects.toThrow(/terminated|ECONNRESET/);
  expect([await marked("heard"), await marked("unheard"), cut(), cut()]).toEqual([1, 1, 1, 0]);
});

test("a transaction is cut at its COMMIT and not before", async () => {
  const { way, client } = await wayWithClient();
  const cut = way.cutAfterCommit(100);
  await client.query("begin");
  await client.query(insert("in a transaction"));
  await client.query("select 1");
  expect(cut()).toBe(0);
  await expect(client.query("commit")).rejects.toThrow(/terminated|ECONNRESET/);
  expect([await marked("in a transaction"), cut()]).toEqual([1, 1]);
});

test("what wrote nothing is never cut: reading, refusals, transactions that were rolled back", async () => {
  const { way, client } = await wayWithClient();
  const cut = way.cutAfterCommit(100);
  await client.query("select $1::text", ["read"]);
  await expect(client.query("insert into nowhere values (1)")).rejects.toThrow(/does not exist/);
  await client.query("begin");
  await client.query(insert("rolled back"));
  await client.query("rollback");
  await client.query("begin");
  await client.query("select 1");
  await client.query("commit");
  expect([await marked("rolled back"), cut()]).toEqual([0, 0]);
});

test("a statement that fails in its transaction is heard, and its COMMIT that rolls back too", async () => {
  const { way, client } = await wayWithClient();
  const cut = way.cutAfterCommit(100);
  await client.query("begin");
  await client.query(insert("spoiled"));
  await expect(client.query("select 1/0")).rejects.toThrow(/division/);
  await client.query("commit");
  expect([await marked("spoiled"), cut()]).toEqual([0, 0]);
});

test("long answers and notifications come through a watched way unchanged", async () => {
  const { way, client } = await wayWithClient();
  const told: (string | undefined)[] = [];
  client.on("notification", ({ payload }) => told.push(payload));
  await client.query("listen bell");
  const { rows } = await client.query("select repeat('z', 3000000) as long, generate_series(1, 3) as n");
  expect(rows.map(({ long, n }) => [long.length, n])).toEqual([1, 2, 3].map((n) => [3_000_000, n]));
  await past((other) => other.query("notify bell, 'rings'"));
  await expect.poll(() => told).toEqual(["rings"]);
  expect(way.reset()).toBe(1);
});

test("about so many of each hundred are cut, and the same seed cuts the same", async () => {
  const { way, client } = await wayWithClient();
  const cut = way.cutAfterCommit(20);
  let current = client;
  let lost = 0;
  for (let i = 0; i < 100; i += 1) {
    await current.query(insert("many")).catch(async () => {
      lost += 1;
      current = await clientThrough(way);
    });
  }
  expect([await marked("many"), cut()]).toEqual([100, lost]);
  // Drawn from the way's own seed: always the same number.
  expect(lost).toBeGreaterThan(9);
  expect(lost).toBeLessThan(36);
  way.heal();
  await current.query(insert("healed"));
  expect(cut()).toBe(0);
});
