/** Migrations: once, whoever starts them and how often, and never on a database that is ahead. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, inject, onTestFinished, test } from "vitest";
import { withClient } from "./embedded/connect.ts";
import { newId } from "./ids.ts";
import { DatabaseAheadError, migrate } from "./migrate.ts";
import { databaseUrl } from "./testing/template.ts";

/** A database with nothing in it. */
async function emptyDatabase(): Promise<string> {
  const server = inject("postgres_url");
  const name = `empty_${newId().replaceAll("-", "")}`;
  await withClient(server, (client) => client.query(`create database ${name}`));
  onTestFinished(async () => {
    await withClient(server, (client) => client.query(`drop database ${name} with (force)`));
  });
  return databaseUrl(server, name);
}

const ask = (url: string, question: string) => withClient(url, async (client) => (await client.query(question)).rows);

const COME = "insert into drizzle.__drizzle_migrations (hash, created_at) values ('to come', 9999999999999)";

test("migrating brings an empty database up to date, and does nothing the second time", async () => {
  const url = await emptyDatabase();
  const { applied } = await migrate(url);
  expect(applied).toBeGreaterThan(0);
  expect(await ask(url, "select to_regclass('tasks') is not null as there")).toEqual([{ there: true }]);
  expect(await migrate(url)).toEqual({ applied: 0 });
});

test("of several that migrate at the same moment one does the work and the others find it done", async () => {
  const url = await emptyDatabase();
  const ends = await Promise.all([migrate(url), migrate(url), migrate(url)]);
  const [most, ...others] = ends.map(({ applied }) => applied).sort((a, b) => b - a);
  expect(most).toBeGreaterThan(0);
  expect(others).toEqual([0, 0]);
  expect(await ask(url, "select count(*)::int from drizzle.__drizzle_migrations")).toEqual([{ count: most }]);
});

test("a database that is ahead is refused and left as it is", async () => {
  const url = await emptyDatabase();
  await migrate(url);
  await ask(url, COME);
  await expect(migrate(url)).rejects.toThrow(DatabaseAheadError);
  await expect(migrate(url)).rejects.toThrow("1 migration(s) that this version of Baton does not know");
});

/** The exit code of the migrate program, and what it says. */
async function program(DATABASE_URL: string) {
  const main = fileURLToPath(new URL("migrate-main.ts", import.meta.url));
  const child = spawn(process.execPath, [main], { env: { DATABASE_URL }, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += String(chunk)));
  const [code] = await once(child, "close");
  return { code, said };
}

test("the migrate program says in its exit code whether the database may be used", async () => {
  const url = await emptyDatabase();
  expect(await program(url)).toMatchObject({ code: 0, said: expect.stringContaining("applied") });
  expect(await program(url)).toMatchObject({ code: 0, said: expect.stringContaining("up to date") });
  await ask(url, COME);
  expect(await program(url)).toMatchObject({ code: 78, said: expect.stringContaining("Start the newer version") });
  expect(await program("mysql://elsewhere")).toMatchObject({ code: 78, said: expect.stringContaining("DATABASE_URL") });
});

test("a server that is too old is refused before anything is done, and told which one is needed", async () => {
  const url = await emptyDatabase();
  // It says that it is another one than it is.
  await ask(url, "create function public.current_setting(text) returns text language sql as $$ select '130018' $$");
  await ask(url, `alter database ${new URL(url).pathname.slice(1)} set search_path = public, pg_catalog`);
  expect(await program(url)).toMatchObject({ code: 78, said: expect.stringContaining("Postgres 13; Baton needs 14") });
  expect(await ask(url, "select to_regclass('tasks') as there")).toEqual([{ there: null }]);
});
