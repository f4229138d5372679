/** What the always-on loops find, and what they must not find. */
import { expect, test } from "vitest";
import { newId } from "./ids.ts";
import {
  expiredTasks,
  nextInRoom,
  readyTasksWithOldTicket,
  runsWithoutOpenTasks,
  tasksDoneWaiting,
} from "./overdue.ts";
import { submit } from "./submit.ts";
import {
  claimed,
  letExpire,
  newTask,
  sql,
  submitted,
  type TestDatabase,
  testDatabase,
  testRun,
} from "./testing/line.ts";

const ids = (rows: { id: string }[]) => rows.map((row) => row.id);

test("leases that are over are found, the longest over first, and no living one", async () => {
  const open = await testDatabase();
  const rows = [await submitted(open), await submitted(open), await submitted(open)];
  for (const row of rows) await claimed(open, row);
  for (const row of rows.slice(0, 2).reverse()) await letExpire(open, row.id);
  await sql(open.db, "update tasks set lease_expires_at = now() - interval '1 h' where id = $1", rows[1]?.id);
  expect(ids(await expiredTasks(open.db, 10))).toEqual([rows[1]?.id, rows[0]?.id]);
  expect(await expiredTasks(open.db, 1)).toHaveLength(1);
});

const ageTickets = ({ db }: TestDatabase) => sql(db, "update tasks set dispatched_at = now() - interval '10 s'");

test("ready tasks with an old ticket are found page by page, each once", async () => {
  const open = await testDatabase();
  const made = await submit(
    open.db,
    Array.from({ length: 5 }, () => newTask(open)),
  );
  await ageTickets(open);
  const first = await readyTasksWithOldTicket(open.db, 3_000, 3, null);
  const last = first.at(-1);
  const end = last ? { dispatched_at: last.dispatched_at, id: last.id } : null;
  const second = await readyTasksWithOldTicket(open.db, 3_000, 3, end);
  expect([...ids(first), ...ids(second)].sort()).toEqual(made.map(({ row }) => row.id).sort());
});

test.each([
  ["has a young ticket", "update tasks set dispatched_at = now()"],
  ["is due later", "update tasks set due_at = now() + interval '1 minute'"],
  ["belongs to a paused run", "update tasks set held = true"],
  ["is cancelled", "update tasks set state = 'cancelled', finished_at = now()"],
  ["stands in a stage that is left to agents", "update projects set hosted = '{qa}'"],
])("a task that %s needs no new ticket", async (_, change) => {
  const open = await testDatabase();
  await submitted(open);
  await ageTickets(open);
  expect(await readyTasksWithOldTicket(open.db, 3_000, 10, null)).toHaveLength(1);
  await sql(open.db, change);
  expect(await readyTasksWithOldTicket(open.db, 3_000, 10, null)).toEqual([]);
});

test("a task waits until the last of its dependencies is completed", async () => {
  const open = await testDatabase();
  const [one, other] = [await submitted(open), await submitted(open)];
  const [waiting] = await submit(open.db, [newTask(open, { depends_on: [one.id, other.id], waits: true })]);
  const complete = "update tasks set stage = 'complete', state = 'completed', finished_at = now() where id = $1";
  expect(await tasksDoneWaiting(open.db, 10)).toEqual([]);
  await sql(open.db, complete, one.id);
  expect(await tasksDoneWaiting(open.db, 10)).toEqual([]);
  await sql(open.db, complete, other.id);
  expect(ids(await tasksDoneWaiting(open.db, 10))).toEqual([waiting?.row.id]);
});

const block = "update tasks set state = 'blocked', block_kind = $1, block_reason = ''";

test("a task that waits for a time is found when it has come", async () => {
  const open = await testDatabase();
  const row = await submitted(open);
  await sql(open.db, `${block}, block_until = now() + interval '1 minute'`, "quota");
  expect(await tasksDoneWaiting(open.db, 10)).toEqual([]);
  await sql(open.db, "update tasks set block_until = now()");
  expect(ids(await tasksDoneWaiting(open.db, 10))).toEqual([row.id]);
});

test("a task that waits for a person waits for ever, also when an agent calls it a dependency", async () => {
  const open = await testDatabase();
  await submitted(open);
  for (const kind of ["needs_input", "approval", "quota"]) {
    await sql(open.db, block, kind);
    expect(await tasksDoneWaiting(open.db, 10)).toEqual([]);
  }
  await sql(open.db, `${block}, epoch = 1`, "dependency");
  expect(await tasksDoneWaiting(open.db, 10)).toEqual([]);
});

test("runs in which nothing is open are found, whether they are paused or not, and no empty ones", async () => {
  const open = await testDatabase();
  const found = async () => ids(await runsWithoutOpenTasks(open.db, 10));
  expect(await found()).toEqual([]);
  const [one] = [await submitted(open), await submitted(open)];
  const cancel = "update tasks set state = 'cancelled', finished_at = now()";
  await sql(open.db, `${cancel} where id = $1`, one.id);
  expect(await found()).toEqual([]);
  await sql(open.db, cancel);
  expect(await found()).toEqual([open.run_id]);
  await sql(open.db, "update runs set state = 'paused'");
  expect(await found()).toEqual([open.run_id]);
  await sql(open.db, "update runs set state = 'killed', finished_at = now()");
  expect(await found()).toEqual([]);
});

test("who makes room calls for a task of the project and stage that hosted workers may have, or for none", async () => {
  const open = await testDatabase();
  const older = await submitted(open);
  const project_id = newId();
  await sql(
    open.db,
    `insert into projects select (jsonb_populate_record(project, jsonb_build_object('id', $1::text, 'name', 'another'))).*
     from projects as project where id = $2`,
    ...[project_id, open.project_id],
  );
  const run_ids = [
    await testRun(open.db, open.workspace_id, project_id),
    await testRun(open.db, open.workspace_id, project_id),
  ];
  const of = (run_id: string | undefined, more = {}) => submitted(open, { project_id, run_id: run_id ?? "", ...more });
  await of(run_ids[0]);
  const [, high] = [await of(run_ids[1]), await of(run_ids[1], { priority: 9 })];
  await sql(open.db, "update runs set triggered = '{}' where id = $1", run_ids[0]);
  const { seq, dispatch } = high;
  expect(await nextInRoom(open.db, project_id, "dev")).toEqual({ task_id: high.id, seq, dispatch });
  expect(await nextInRoom(open.db, open.project_id, "dev")).toMatchObject({ task_id: older.id });
  expect(await nextInRoom(open.db, project_id, "qa")).toBe(null);
  await sql(open.db, `update projects set capacity = '{"total": 1}'`);
  await claimed(open, high);
  expect(await nextInRoom(open.db, project_id, "dev")).toBe(null);
  expect(await nextInRoom(open.db, open.project_id, "dev")).toMatchObject({ task_id: older.id });
});
