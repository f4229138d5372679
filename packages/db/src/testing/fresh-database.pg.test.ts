/** The test databases themselves: each its own, migrated, and gone when dropped. */
import { expect, inject, test } from "vitest";
import { withClient } from "../embedded/connect.ts";
import { freshDatabase } from "./index.ts";

async function databases(): Promise<string[]> {
  const found = await withClient(inject("postgres_url"), (client) => client.query("select datname from pg_database"));
  return found.rows.map((row: { datname: string }) => row.datname);
}

test("two fresh databases know nothing of each other", async () => {
  const [one, other] = await Promise.all([freshDatabase(), freshDatabase()]);
  await withClient(one.url, (client) => client.query("create table only_here (id int)"));
  const found = await withClient(other.url, (client) => client.query("select to_regclass('only_here') as found"));
  expect(found.rows).toEqual([{ found: null }]);
  await Promise.all([one.drop(), other.drop()]);
});

test("a fresh database is migrated", async () => {
  const database = await freshDatabase();
  const found = await withClient(database.url, (client) => client.query("select to_regclass('tasks')::text as found"));
  expect(found.rows).toEqual([{ found: "tasks" }]);
  await database.drop();
});

test("dropping a database works while somebody is still connected to it", async () => {
  const database = await freshDatabase();
  const name = new URL(database.url).pathname.slice(1);
  await withClient(database.url, () => database.drop());
  expect(await databases()).not.toContain(name);
});
