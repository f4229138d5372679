/** Tickets between commit and queue: which wait, which are forgotten, which are renewed. */
import { expect, test } from "vitest";
import { forgetTickets, redispatch, unsentTickets } from "./outbox.ts";
import { freeTasks, holdTasks } from "./runs.ts";
import { claimed, rowOf, sql, submitted, type TestDatabase, testDatabase } from "./testing/line.ts";

/** Lets the time pass in which the process that committed a ticket sends it itself. */
const letPass = ({ db }: TestDatabase) => sql(db, "update outbox set created_at = now() - interval '1 s'");

const outbox = ({ db }: TestDatabase) => sql(db, "select dispatch from outbox order by id");

test("a ticket is left to the process that committed it for a second, and then it is anybody's", async () => {
  const open = await testDatabase();
  const row = await submitted(open);
  expect(await unsentTickets(open.db, 10)).toEqual([]);
  await letPass(open);
  expect(await unsentTickets(open.db, 10)).toMatchObject([{ task_id: row.id, stage: "dev", visit: 1, dispatch: 1 }]);
});

test("a ticket for later is not sent before its time by the database's clock", async () => {
  const open = await testDatabase();
  await submitted(open);
  await letPass(open);
  await sql(open.db, "update outbox set not_before = now() + interval '1 minute'");
  expect(await unsentTickets(open.db, 10)).toEqual([]);
  await sql(open.db, "update outbox set not_before = now()");
  expect(await unsentTickets(open.db, 10)).toHaveLength(1);
});

test("the oldest tickets are sent first, and no more than asked for", async () => {
  const open = await testDatabase();
  const rows = [await submitted(open), await submitted(open), await submitted(open)];
  await letPass(open);
  await sql(open.db, "update outbox set not_before = now() - interval '1 minute' where task_id = $1", rows[2]?.id);
  const tickets = await unsentTickets(open.db, 2);
  expect(tickets.map((ticket) => ticket.task_id)).toEqual([rows[2]?.id, rows[0]?.id]);
});

test("a ticket that was sent is forgotten, and forgetting it again is harmless", async () => {
  const open = await testDatabase();
  await submitted(open);
  await letPass(open);
  const ids = (await unsentTickets(open.db, 10)).map((ticket) => ticket.outbox_id);
  await forgetTickets(open.db, ids);
  await forgetTickets(open.db, ids);
  expect(await outbox(open)).toEqual([]);
});

const lost = ({ id, seq, dispatch }: { id: string; seq: number; dispatch: number }) => ({ task_id: id, seq, dispatch });

test("a task whose ticket is gone gets the next one", async () => {
  const open = await testDatabase();
  const row = await submitted(open);
  expect(await redispatch(open.db, [lost(row)])).toMatchObject([
    { task_id: row.id, stage: "dev", visit: 1, dispatch: 2 },
  ]);
  expect(await rowOf(open, row.id)).toMatchObject({ dispatch: 2, seq: 1 });
  expect(await outbox(open)).toEqual([{ dispatch: 1 }, { dispatch: 2 }]);
});

test("two who miss the same ticket at the same moment renew it once", async () => {
  const open = await testDatabase();
  const row = await submitted(open);
  const renewed = await Promise.all([1, 2, 3, 4].map(() => redispatch(open.db, [lost(row)])));
  expect(renewed.flat()).toHaveLength(1);
  expect((await rowOf(open, row.id)).dispatch).toBe(2);
});

test.each([
  [
    "was claimed",
    async (open: TestDatabase, row: Awaited<ReturnType<typeof submitted>>) => void (await claimed(open, row)),
  ],
  ["has moved", async (open: TestDatabase) => void (await sql(open.db, "update tasks set seq = seq + 1"))],
  ["was paused", async (open: TestDatabase) => void (await sql(open.db, "update tasks set held = true"))],
])("a task that %s since somebody missed its ticket is left alone", async (_, meanwhile) => {
  const open = await testDatabase();
  const row = await submitted(open);
  await meanwhile(open, row);
  expect(await redispatch(open.db, [lost(row)])).toEqual([]);
  expect(await outbox(open)).toHaveLength(1);
});

test("a run that goes on gives each ready task a new ticket, a retry its own time, and the others none", async () => {
  const open = await testDatabase();
  const [ready, later, running, done] = [
    await submitted(open),
    await submitted(open),
    await submitted(open),
    await submitted(open),
  ];
  await claimed(open, running);
  await sql(open.db, "update tasks set due_at = now() + interval '1 minute' where id = $1", later.id);
  await sql(open.db, "update tasks set state = 'cancelled', finished_at = now() where id = $1", done.id);
  await open.db.transaction((tx) => holdTasks(tx, open.run_id));
  expect(await rowOf(open, done.id)).toMatchObject({ held: false });
  expect(await rowOf(open, running.id)).toMatchObject({ held: true });
  const tickets = await open.db.transaction((tx) => freeTasks(tx, open.run_id));
  expect(tickets).toMatchObject([{ task_id: ready.id, dispatch: 2 }]);
  const waiting = await sql(open.db, "select task_id from outbox where dispatch = 2 and not_before > now()");
  expect(waiting).toEqual([{ task_id: later.id }]);
  expect(await sql(open.db, "select id from tasks where held")).toEqual([]);
});
