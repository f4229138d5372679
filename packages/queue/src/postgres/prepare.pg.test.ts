/** BullMQ's tables in Postgres. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { prepareQueue } from "../prepare.ts";
import { type DatabaseForTest, databaseForTest } from "../testing/database-for-test.ts";
import { sparePort } from "../testing/spare-port.ts";

const ROLE = `queue_role_${process.pid}`;
let database: DatabaseForTest;

beforeAll(async () => {
  database = await databaseForTest();
});
afterAll(async () => {
  await database.drop();
});

function prepare(url = database.url): Promise<unknown> {
  return prepareQueue({ kind: "postgres", url }).then(
    () => "fit",
    (error: unknown) => error,
  );
}

test("many processes may prepare the same empty database at once", async () => {
  expect(await Promise.all(Array.from({ length: 6 }, () => prepare()))).toEqual(Array(6).fill("fit"));
  expect(await prepare()).toBe("fit");
});

test("only the queue's own schema is touched", async () => {
  const tables = await database.rows("select distinct schemaname from pg_tables where tablename in ('job', 'event')");
  expect(tables).toEqual([{ schemaname: "baton_queue" }]);
});

test("a role without rights is told what it needs, and one that may use the finished schema needs no more", async () => {
  await database.run(`create role ${ROLE} login password 'very-secret'`);
  const url = new URL(database.url);
  [url.username, url.password] = [ROLE, "very-secret"];
  try {
    const refusal = await prepare(url.href);
    expect(refusal).toMatchObject({ reason: "not_allowed", message: expect.stringContaining("baton_queue") as string });
    expect(String(refusal)).not.toContain("very-secret");
    await database.run(`grant usage on schema baton_queue to ${ROLE}`);
    await database.run(`grant select on all tables in schema baton_queue to ${ROLE}`);
    expect(await prepare(url.href)).toBe("fit");
  } finally {
    await database.run(`drop owned by ${ROLE}`);
    await database.run(`drop role ${ROLE}`);
  }
});

test("a schema that a newer program has used is refused", async () => {
  await database.run("update baton_queue.migration set min_client_version = 99 where version = 1");
  expect(await prepare()).toMatchObject({ reason: "schema_ahead" });
  await database.run("update baton_queue.migration set min_client_version = 6 where version = 1");
});

test("a server that is not there is reported", async () => {
  const refusal = await prepare(`postgres://baton:very-secret@127.0.0.1:${await sparePort()}/baton`);
  expect(refusal).toMatchObject({ reason: "unreachable", message: expect.stringContaining("DATABASE_URL") as string });
  expect(String(refusal)).not.toContain("very-secret");
});
