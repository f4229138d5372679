/** The connection to a server that freezes, is killed and comes back: nobody waits for ever, nothing breaks, and it works again. */
import { chmod, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { type Database, type Db, openDatabase } from "./client.ts";
import { type EmbeddedServer, startEmbedded } from "./embedded/server.ts";
import { isAway } from "./faults.ts";
import { migrate } from "./migrate.ts";
import { furnished, sql } from "./testing/line.ts";

let folder: string;
let server: EmbeddedServer;

const start = () => startEmbedded(folder, { settings: { fsync: "off" } });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "baton-accidents-"));
  // Root's server runs under another account, which must be able to enter.
  await chmod(folder, 0o755);
  server = await start();
  await migrate(server.url);
  await furnished(opened(), server.url);
});
afterAll(() => server.discard());

function opened(): Database {
  const db = openDatabase(server.url, { connections: 4 });
  closing.push(db);
  return db;
}

const closing: Database[] = [];
afterAll(async () => {
  for (const db of closing) await db.close();
});

/** Stops the process that serves the next query of `db`, until the test ends. */
async function freezeBackend(db: Db): Promise<void> {
  const [backend] = await sql<{ pid: number }>(db, "select pg_backend_pid() as pid");
  if (backend === undefined) throw new Error("no backend");
  process.kill(backend.pid, "SIGSTOP");
  onTestFinished(() => void process.kill(backend.pid, "SIGCONT"));
}

async function givenUp(work: Promise<unknown>): Promise<{ error: unknown; after_ms: number }> {
  const began = performance.now();
  const error = await work.then(() => null).catch((thrown: unknown) => thrown);
  return { error, after_ms: performance.now() - began };
}

test("a query to a frozen server is given up after five seconds, and the next one finds another connection", async () => {
  const db = opened();
  await freezeBackend(db);
  const { error, after_ms } = await givenUp(sql(db, "select 1"));
  expect(isAway(error)).toBe(true);
  expect(after_ms).toBeLessThan(6_500);
  expect(await sql(db, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a transaction on a frozen server is given up as soon, and nothing of it is committed", async () => {
  const db = opened();
  const { error, after_ms } = await givenUp(
    db.transaction(async (tx) => {
      await sql(tx, "update runs set name = 'changed'");
      await freezeBackend(tx);
      await sql(tx, "select 1");
    }),
  );
  expect(isAway(error)).toBe(true);
  expect(after_ms).toBeLessThan(6_500);
  expect(await sql(db, "select name from runs")).toEqual([{ name: "run" }]);
});

/** Queries one after the other until told to stop: what they said, and whether they all came to an end. */
function busy(db: Database) {
  const errors: unknown[] = [];
  let going = true;
  const lanes = [1, 2, 3, 4, 5, 6].map(async (lane) => {
    while (going) {
      const work =
        lane % 2 ? sql(db, "select pg_sleep(0.01)") : db.transaction((tx) => sql(tx, "select pg_sleep(0.01)"));
      await work.catch((error: unknown) => errors.push(error));
    }
  });
  return {
    errors,
    stop: async () => {
      going = false;
      await Promise.all(lanes);
    },
  };
}

test.each(["SIGINT", "SIGKILL"] as const)(
  "a server that ends by %s under running queries is told as away, and works again when it is back",
  async (signal) => {
    const db = opened();
    const { errors, stop } = busy(db);
    await expect.poll(() => sql(db, "select 1 as one")).toEqual([{ one: 1 }]);
    process.kill(server.pid, signal);
    await server.gone;
    await expect.poll(() => errors.length).toBeGreaterThan(6);
    server = await start();
    await expect.poll(() => sql(db, "select 1 as one").catch(() => []), { timeout: 20_000 }).toEqual([{ one: 1 }]);
    await stop();
    expect(errors.filter((error) => !isAway(error))).toEqual([]);
  },
);
