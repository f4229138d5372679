/** Submitting: everything that belongs to a task is there with it, and a finding becomes a task once. */
import { replay } from "@baton/domain";
import { expect, test } from "vitest";
import { newId } from "./ids.ts";
import { eventOf, eventsOf } from "./reads/history.ts";
import { wholeTasks } from "./reads/tasks.ts";
import { taskOf } from "./rows.ts";
import { submit } from "./submit.ts";
import { newTask, rowOf, sql, submitted, testDatabase, testRun } from "./testing/line.ts";

const count = "select count(*) from tasks";

test("a submitted task is there with its texts, its first event and its ticket", async () => {
  const open = await testDatabase();
  const [one] = await submit(open.db, [newTask(open, { title: "a title", acceptance_criteria: ["it works"] })]);
  const id = one?.row.id ?? "";
  expect(one?.ticket).toMatchObject({ task_id: id, stage: "dev", visit: 1, dispatch: 1 });
  expect(await wholeTasks(open.db, [id])).toMatchObject([
    { task: { id }, spec: { title: "a title", acceptance_criteria: ["it works"] }, depends_on: [] },
  ]);
  expect(await sql(open.db, "select id, task_id from outbox")).toEqual([{ id: one?.ticket?.outbox_id, task_id: id }]);
  const log = (await eventsOf(open.db, id, 0, 10)).map(eventOf);
  expect(replay(log)).toEqual(taskOf(await rowOf(open, id)));
});

test("a task that has to wait is blocked, has no ticket, and knows what for", async () => {
  const open = await testDatabase();
  const first = await submitted(open);
  const data = { limits: { rejections: 3, attempts: 3, crashes: 3 }, kind: "dependency", reason: "waits", until: null };
  const [one] = await submit(open.db, [newTask(open, { depends_on: [first.id], waits: true, data })]);
  const id = one?.row.id ?? "";
  expect(one).toMatchObject({
    ticket: null,
    row: { state: "blocked", block_kind: "dependency", block_reason: "waits" },
  });
  expect(await wholeTasks(open.db, [id])).toMatchObject([{ depends_on: [first.id] }]);
  expect(replay((await eventsOf(open.db, id, 0, 10)).map(eventOf))).toEqual(taskOf(await rowOf(open, id)));
});

test("a task of a paused run is held and has no ticket", async () => {
  const open = await testDatabase();
  const [one] = await submit(open.db, [newTask(open, { held: true })]);
  expect(one).toMatchObject({ ticket: null, row: { state: "pending", held: true } });
  expect(await sql(open.db, "select id from outbox")).toEqual([]);
});

test("one task that cannot be stored takes the whole list with it", async () => {
  const open = await testDatabase();
  const list = [newTask(open), newTask(open, { priority: 11 }), newTask(open)];
  await expect(submit(open.db, list)).rejects.toThrow();
  await expect(submit(open.db, [newTask(open, { depends_on: [newId()], waits: true })])).rejects.toThrow();
  for (const table of ["tasks", "task_specs", "events", "outbox"]) {
    expect(await sql(open.db, `select count(*) from ${table}`)).toEqual([{ count: 0 }]);
  }
});

test("nothing to submit is no work", async () => {
  const open = await testDatabase();
  expect(await submit(open.db, [])).toEqual([]);
});

test("a finding becomes a task once in its run, and may become one in another run", async () => {
  const open = await testDatabase();
  const found = () => newTask(open, { finding_fingerprint: "f" });
  expect(await submit(open.db, [found()])).toHaveLength(1);
  expect(await submit(open.db, [found(), newTask(open)])).toHaveLength(1);
  const run_id = await testRun(open.db, open.workspace_id, open.project_id);
  expect(await submit(open.db, [{ ...found(), run_id }])).toHaveLength(1);
  expect(await sql(open.db, count)).toEqual([{ count: 3 }]);
  expect(await sql(open.db, "select count(*) from events")).toEqual([{ count: 3 }]);
});

test("a finding that one statement names twice becomes one task", async () => {
  const open = await testDatabase();
  const twice = [newTask(open, { finding_fingerprint: "f" }), newTask(open, { finding_fingerprint: "f" })];
  expect(await submit(open.db, twice)).toHaveLength(1);
  expect(await sql(open.db, count)).toEqual([{ count: 1 }]);
});

test("a finding that several report at the same moment becomes one task, and nobody fails", async () => {
  const open = await testDatabase();
  const ends = await Promise.all(
    Array.from({ length: 8 }, () => submit(open.db, [newTask(open, { finding_fingerprint: "f" }), newTask(open)])),
  );
  expect(ends.flat()).toHaveLength(9);
  expect(await sql(open.db, count)).toEqual([{ count: 9 }]);
});

test("a finding whose first report is rolled back becomes a task by the second", async () => {
  const open = await testDatabase();
  const found = () => newTask(open, { finding_fingerprint: "f" });
  let second: Promise<unknown[]> = Promise.resolve([]);
  const first = open.db.transaction(async (tx) => {
    await submit(tx, [found()]);
    second = submit(open.db, [found()]);
    throw new Error("not after all");
  });
  await expect(first).rejects.toThrow("not after all");
  expect(await second).toHaveLength(1);
});
