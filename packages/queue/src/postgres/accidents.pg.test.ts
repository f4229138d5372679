/** What happens when a real Postgres ends all connections, and what an idle line costs it. */
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Backend } from "../backend.ts";
import { type Consumer, openConsumer } from "../consumer.ts";
import { openHands } from "../hands.ts";
import { prepareQueue } from "../prepare.ts";
import { openProducer, type Producer } from "../producer.ts";
import { type DatabaseForTest, databaseForTest } from "../testing/database-for-test.ts";
import { newTicket, newTickets, noting } from "../testing/suite/bench.ts";
import { postgresConsuming } from "./consuming.ts";

let database: DatabaseForTest;
let producer: Producer;
let consumer: Consumer;
let seen: ReturnType<typeof noting>["seen"];

beforeEach(async () => {
  database = await databaseForTest();
  const backend: Backend = { kind: "postgres", url: database.url };
  await prepareQueue(backend);
  const noted = noting();
  seen = noted.seen;
  producer = openProducer(backend, { onError: () => {} });
  consumer = openConsumer(backend, "dev", { concurrency: 5, look: noted.look, producer, onError: () => {} });
});

afterEach(async () => {
  await consumer.drain(5_000);
  await producer.close();
  await database.drop();
});

const OTHERS = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";

test("when the server ends all connections in the middle of a burst, every ticket is still looked at", async () => {
  const tickets = newTickets(600);
  await producer.add(tickets);
  await expect.poll(() => seen.length).toBeGreaterThan(50);
  await database.run(`select pg_terminate_backend(pid) ${OTHERS}`);
  const looked_at = () => new Set(seen.map((ticket) => ticket.task_id)).size;
  await expect.poll(looked_at, { timeout: 15_000 }).toBe(tickets.length);
});

test("when the server ends all connections of an idle line, the next ticket is looked at", async () => {
  await producer.add([newTicket()]);
  await expect.poll(() => seen).toHaveLength(1);
  await database.run(`select pg_terminate_backend(pid) ${OTHERS}`);
  const ticket = newTicket();
  await expect.poll(() => producer.add([ticket]).then(() => "added", String), { timeout: 5_000 }).toBe("added");
  await expect.poll(() => seen, { timeout: 5_000 }).toContainEqual(ticket);
});

test("a ticket that goes back keeps its place before those that came after it", async () => {
  await consumer.drain(5_000);
  const consuming = postgresConsuming(database.url, openHands(1), () => {});
  const backend = consuming.factory("dev", { connection: {} });
  try {
    const tickets = newTickets(3);
    await producer.add(tickets);
    const [given] = await backend.moveToActive("token");
    const id = given?.id ?? "";
    await backend.moveJobFromActiveToWait(id, "another token");
    expect((await producer.depth()).dev).toMatchObject({ waiting: 2, active: 1 });
    await backend.moveJobFromActiveToWait(id, "token");
    expect((await producer.depth()).dev).toMatchObject({ waiting: 3, active: 0 });
    expect((await backend.moveToActive("token"))[0]).toMatchObject({ id });
  } finally {
    await backend.close();
  }
});

test("an idle consumer costs the server two connections", async () => {
  await producer.add(newTickets(100));
  await expect.poll(() => seen.length).toBe(100);
  await producer.close();
  const connections = () => database.rows(`select count(*)::int as open ${OTHERS}`);
  await expect.poll(connections, { timeout: 10_000 }).toEqual([{ open: 2 }]);
});
