/** What had to wait for a task that somebody else had in hand looks at it as it is afterwards; and who comes too late holds nobody up. */
import { expect, test } from "vitest";
import type { Db } from "./client.ts";
import { heartbeat } from "./heartbeat.ts";
import { redispatch } from "./outbox.ts";
import type { TaskRow } from "./rows.ts";
import { claimed, rowOf, sql, submitted, type TestDatabase, testDatabase } from "./testing/line.ts";

const beatOf = (row: TaskRow) => ({
  ...{ lease_id: row.lease_id ?? "", workspace_id: row.workspace_id, epoch: row.epoch },
});

const lost = ({ id, seq, dispatch }: TaskRow) => ({ task_id: id, seq, dispatch });

const LOSE = "update tasks set state = 'pending', lease_id = null, lease_expires_at = null where id = $1";
const MOVE = "update tasks set seq = seq + 1, stage = 'qa' where id = $1";

/** Begins the work while another transaction has the task in hand, and changes the task only when the work waits for it. */
async function behind<T>(open: TestDatabase, row: TaskRow, change: string, work: () => Promise<T>): Promise<T> {
  const waiting = () =>
    sql(open.db, "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");
  let begun: Promise<T> | undefined;
  await open.db.transaction(async (tx) => {
    await sql(tx, "select from tasks where id = $1 for update", row.id);
    begun = work();
    await expect.poll(waiting).toHaveLength(1);
    await sql(tx, change, row.id);
  });
  if (begun === undefined) throw new Error("unreachable: the work was begun");
  return begun;
}

test("a heartbeat that waited for a task which has lost its lease meanwhile changes nothing", async () => {
  const open = await testDatabase({ connections: 4 });
  const row = await claimed(open, await submitted(open));
  expect(await behind(open, row, LOSE, () => heartbeat(open.db, beatOf(row)))).toBe(null);
  expect(await rowOf(open, row.id)).toMatchObject({ state: "pending", lease_expires_at: null });
});

test("a lost ticket is not renewed for a task that has moved meanwhile", async () => {
  const open = await testDatabase({ connections: 4 });
  const row = await submitted(open);
  expect(await behind(open, row, MOVE, () => redispatch(open.db, [lost(row)]))).toEqual([]);
  expect(await rowOf(open, row.id)).toMatchObject({ stage: "qa", dispatch: row.dispatch });
});

test("a heartbeat that has waited takes nothing back of what a later one was told", async () => {
  const open = await testDatabase({ connections: 4 });
  const row = await claimed(open, await submitted(open));
  await open.db.transaction(async (tx: Db) => {
    await sql(tx, "select now()");
    const later = await heartbeat(open.db, beatOf(row));
    expect((await heartbeat(tx, beatOf(row)))?.expires_at).toEqual(later?.expires_at);
  });
});

test.each([
  ["a heartbeat", (tx: Db, row: TaskRow) => heartbeat(tx, beatOf(row)), LOSE],
  ["who renews a ticket", (tx: Db, row: TaskRow) => redispatch(tx, [lost(row)]), MOVE],
])("%s that comes too late locks nothing", async (_, work, change) => {
  const open = await testDatabase({ connections: 4 });
  const row = await claimed(open, await submitted(open));
  await sql(open.db, change, row.id);
  await open.db.transaction(async (tx) => {
    await work(tx, row);
    expect(await sql(open.db, "select id from tasks for no key update nowait")).toHaveLength(1);
  });
});
