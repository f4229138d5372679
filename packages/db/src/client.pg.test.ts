/** The connection to a server that answers: deadlines, transactions, and what their end means. */
import { expect, test } from "vitest";
import type { Db } from "./client.ts";
import { isAway, isRowBusy, sqlState } from "./faults.ts";
import { sql, submitted, testDatabase } from "./testing/line.ts";

async function elapsedMs(work: Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work;
  return performance.now() - began;
}

const failure = (work: Promise<unknown>) => work.then(() => null).catch((error: unknown) => error);

test("a statement that never ends is ended by the server after four seconds, and the pool works on", async () => {
  const { db } = await testDatabase({ connections: 1 });
  let error: unknown;
  const waited = await elapsedMs(failure(sql(db, "select pg_sleep(60)")).then((given) => (error = given)));
  expect(isAway(error)).toBe(true);
  expect(sqlState(error)).toBe("57014");
  expect(waited).toBeLessThan(5_500);
  expect(await sql(db, "select 1 as one")).toEqual([{ one: 1 }]);
});

test("a row that somebody keeps locked is waited for two seconds", async () => {
  const open = await testDatabase({ connections: 2 });
  await submitted(open);
  const touch = "update tasks set priority = priority";
  await open.db.transaction(async (tx) => {
    await sql(tx, touch);
    let error: unknown;
    const waited = await elapsedMs(failure(sql(open.db, touch)).then((given) => (error = given)));
    expect(isRowBusy(error)).toBe(true);
    expect(waited).toBeLessThan(4_000);
  });
  expect(await sql(open.db, touch)).toEqual([]);
});

test("a transaction that throws leaves nothing, and its connection is used again", async () => {
  const open = await testDatabase({ connections: 1 });
  const failing = open.db.transaction(async (tx) => {
    await submitted({ ...open, db: { ...open.db, ...tx } });
    throw new Error("a change of mind");
  });
  await expect(failing).rejects.toThrow("a change of mind");
  expect(await sql(open.db, "select id from tasks")).toEqual([]);
});

test("a transaction inside another one is part of it", async () => {
  const { db } = await testDatabase({ connections: 1 });
  const failing = db.transaction(async (tx) => {
    await tx.transaction((inner) => sql(inner, "update runs set name = 'changed'"));
    throw new Error("a change of mind");
  });
  await expect(failing).rejects.toThrow("a change of mind");
  expect(await sql(db, "select name from runs")).toEqual([{ name: "run" }]);
});

test("a transaction whose failed statement is kept quiet does not pass for committed", async () => {
  const { db } = await testDatabase({ connections: 1 });
  const quiet = db.transaction(async (tx) => {
    await sql(tx, "update runs set name = 'changed'");
    await sql(tx, "update runs set state = 'nonsense'").catch(() => {});
  });
  await expect(quiet).rejects.toThrow("nothing was committed");
  expect(await sql(db, "select name from runs")).toEqual([{ name: "run" }]);
});

test("of two transactions that wait for each other one is run again, and both are committed", async () => {
  const open = await testDatabase({ connections: 2 });
  const rows = [await submitted(open), await submitted(open)];
  const [one, other] = rows.map((row) => row.id);
  let arrived = 0;
  let meet = () => {};
  const met = new Promise<void>((resolve) => {
    meet = resolve;
  });
  const raise = "update tasks set priority = priority + 1 where id = $1";
  const crossing = (first = "", second = "") =>
    open.db.transaction(async (tx) => {
      await sql(tx, raise, first);
      arrived += 1;
      if (arrived === 2) meet();
      await met;
      await sql(tx, raise, second);
    });
  await Promise.all([crossing(one, other), crossing(other, one)]);
  expect(arrived).toBeGreaterThan(2);
  expect(await sql(open.db, "select priority from tasks")).toEqual([{ priority: 7 }, { priority: 7 }]);
});

const ALL = { name: "test_all_things", text: "select * from things" };
const ADD = { name: "test_add_thing", text: "insert into things default values returning *" };

/** A pool of four whose connections all have statements of before their table got another column. */
async function migratedUnderway() {
  const { db } = await testDatabase({ connections: 4 });
  await sql(db, "create table things (id int generated always as identity)");
  let arrived = 0;
  let meet = () => {};
  const met = new Promise<void>((resolve) => {
    meet = resolve;
  });
  const prepare = async (tx: Db) => {
    await tx.run(ALL, []);
    await tx.run(ADD, []);
    arrived += 1;
    if (arrived === 4) meet();
    await met;
  };
  await Promise.all([1, 2, 3, 4].map(() => db.transaction(prepare)));
  await sql(db, "delete from things");
  await sql(db, "alter table things add column name text default 'thing'");
  return db;
}

test("a statement that a migration has outdated on all connections is answered by a new one, and done once", async () => {
  const db = await migratedUnderway();
  expect(await db.run(ADD, [])).toMatchObject([{ name: "thing" }]);
  expect(await db.run(ALL, [])).toHaveLength(1);
});

test("a transaction that a migration has outdated on all connections is run again, and committed once", async () => {
  const db = await migratedUnderway();
  let begun = 0;
  const add = (tx: Db) => {
    begun += 1;
    return tx.run(ADD, []);
  };
  expect(await db.transaction(add)).toMatchObject([{ name: "thing" }]);
  expect(begun).toBe(5);
  expect(await db.transaction((tx) => tx.run(ALL, []))).toHaveLength(1);
});
