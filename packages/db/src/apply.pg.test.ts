/** The writer: what its guards refuse, and that what a change leaves behind is there exactly when the row moved. */
import { normaliseFinding } from "@baton/domain";
import { expect, test } from "vitest";
import { apply, type Change } from "./apply.ts";
import { openBatch } from "./batch.ts";
import { submit } from "./submit.ts";
import {
  changeOf,
  claimed,
  leftBehind,
  letExpire,
  newTask,
  packetFor,
  rowOf,
  sql,
  submitted,
  type TestDatabase,
  testDatabase,
} from "./testing/line.ts";

const pass = { name: "pass" as const, reasons: [] };
const reject = { name: "reject" as const, reasons: ["a bug"] };
const fail = { name: "fail", fault: "task", message: "no", random: 0.5 } as const;
const passed = { attempt: { outcome: "pass" } } as const;
const finding = normaliseFinding({ title: "a bug" }, "bug");

/** Everything a rejection leaves. */
const rejected = () => ({
  attempt: { outcome: "reject" } as const,
  packet: packetFor("dev", { status: "rejected", rejection_reason: "a bug" }),
  findings: [finding],
});

/** A task in an agent's hands, and what is there before it ends. */
async function running() {
  const open = await testDatabase();
  const row = await claimed(open, await submitted(open));
  return { open, row, before: await snapshot(open, row.id) };
}

async function snapshot(open: TestDatabase, id: string) {
  return { row: await rowOf(open, id), left: await leftBehind(open) };
}

test("a change moves the row and leaves packet, findings, event, ticket and the end of the attempt", async () => {
  const { open, row } = await running();
  const [applied] = await apply(open.db, [changeOf(row, reject, rejected())]);
  expect(applied?.row).toMatchObject({
    stage: "dev",
    state: "pending",
    visit: 2,
    rejections: 1,
    seq: 3,
    lease_id: null,
  });
  expect(applied?.ticket).toMatchObject({ task_id: row.id, stage: "dev", visit: 2, dispatch: 2 });
  expect(await leftBehind(open)).toEqual({ events: 3, packets: 1, findings: 1, outbox: 2, ended: 1 });
  const [attempt] = await sql(open.db, "select outcome, ended_at is not null as ended from attempts");
  expect(attempt).toEqual({ outcome: "reject", ended: true });
  expect(applied?.row.packet_id).toBe((await sql(open.db, "select id from handoff_packets"))[0]?.id);
});

test("a change decided on an older event changes nothing", async () => {
  const { open, row } = await running();
  const change = changeOf(row, pass, passed);
  await sql(open.db, "update tasks set seq = seq + 1");
  const before = await snapshot(open, row.id);
  expect(await apply(open.db, [change])).toEqual([null]);
  expect(await snapshot(open, row.id)).toEqual(before);
});

test("a change by a holder of an older epoch changes nothing", async () => {
  const { open, row } = await running();
  const change = changeOf(row, pass, passed);
  await sql(open.db, "update tasks set epoch = epoch + 1");
  const before = await snapshot(open, row.id);
  expect(await apply(open.db, [change])).toEqual([null]);
  expect(await snapshot(open, row.id)).toEqual(before);
});

test("a change under another lease changes nothing", async () => {
  const { open, row } = await running();
  const change = changeOf(row, pass, passed);
  await sql(open.db, "update tasks set lease_id = gen_random_uuid()");
  const before = await snapshot(open, row.id);
  expect(await apply(open.db, [change])).toEqual([null]);
  expect(await snapshot(open, row.id)).toEqual(before);
});

test("a lease that is over by the database's clock changes nothing, though the caller thinks it lives", async () => {
  const { open, row } = await running();
  await letExpire(open, row.id);
  const before = await snapshot(open, row.id);
  expect(await apply(open.db, [changeOf(row, reject, rejected())])).toEqual([null]);
  expect(await snapshot(open, row.id)).toEqual(before);
});

test("a lease that lives by the database's clock is not taken back, though the caller thinks it is over", async () => {
  const { open, row, before } = await running();
  const over = { ...row, lease_expires_at: row.updated_at };
  const change = changeOf(over, { name: "expire" }, { attempt: { outcome: "expire" } });
  expect(await apply(open.db, [change])).toEqual([null]);
  expect(await snapshot(open, row.id)).toEqual(before);
  await letExpire(open, row.id);
  const [applied] = await apply(open.db, [change]);
  expect(applied?.row).toMatchObject({ state: "pending", crashes: 1 });
});

test("a late change does not hold up the others of its statement, and each is answered in its place", async () => {
  const open = await testDatabase();
  const rows = [await submitted(open), await submitted(open), await submitted(open)];
  const held = [];
  for (const row of rows) held.push(await claimed(open, row));
  const changes = held.map((row) => changeOf(row, pass, passed)).reverse();
  await letExpire(open, rows[1]?.id ?? "");
  const answers = await apply(open.db, changes);
  expect(answers.map((answer) => answer?.row.id ?? null)).toEqual([rows[2]?.id, null, rows[0]?.id]);
});

test("of two changes of one task in one statement exactly one is written", async () => {
  const { open, row } = await running();
  const answers = await apply(open.db, [changeOf(row, pass, passed), changeOf(row, reject, rejected())]);
  expect(answers.filter((answer) => answer !== null)).toHaveLength(1);
  expect((await rowOf(open, row.id)).seq).toBe(3);
  expect(await leftBehind(open)).toMatchObject({ events: 3, ended: 1 });
});

const version_taken = packetFor("dev", { version: 2 });

test.each([
  ["a packet without a phase", { packet: { ...packetFor("dev"), phase: null } }],
  ["a version that is there already", { packet: version_taken }],
  ["a finding that cannot be stored", { packet: packetFor("dev"), findings: [{ ...finding, severity: "odd" }] }],
  ["an end of the attempt that has no name", { attempt: { outcome: "lost" } }],
  ["no end of the attempt", { attempt: undefined }],
])("a statement that fails half way over %s has changed nothing at all", async (_, bad) => {
  const { open, row } = await running();
  await apply(open.db, [changeOf(row, reject, { ...rejected(), packet: { ...version_taken, id: row.id } })]);
  const held = await claimed(open, await rowOf(open, row.id));
  const before = await snapshot(open, row.id);
  const change = changeOf(held, reject, { ...rejected(), ...(bad as object) });
  await expect(apply(open.db, [change])).rejects.toThrow();
  expect(await snapshot(open, row.id)).toEqual(before);
});

test("of changes that are collected into one statement one that cannot be stored fails alone", async () => {
  const open = await testDatabase();
  const held = [];
  for (let i = 0; i < 4; i += 1) held.push(await claimed(open, await submitted(open)));
  const batch = openBatch((changes: Change[]) => apply(open.db, changes), { lanes: 1 });
  const bad = { ...passed, packet: { ...packetFor("dev"), status: "odd" as never } };
  const ends = await Promise.allSettled(held.map((row, i) => batch.add(changeOf(row, pass, i === 2 ? bad : passed))));
  expect(ends.map((end) => (end.status === "fulfilled" ? end.value?.row.id : "failed"))).toEqual([
    ...[held[0]?.id, held[1]?.id, "failed", held[3]?.id],
  ]);
  expect(await rowOf(open, held[2]?.id ?? "")).toMatchObject({ state: "running", seq: 2 });
});

test("a task of a paused run moves on without a ticket", async () => {
  const { open, row } = await running();
  await sql(open.db, "update tasks set held = true");
  const [applied] = await apply(open.db, [changeOf(row, pass, passed)]);
  expect(applied).toMatchObject({ row: { stage: "qa", state: "pending" }, ticket: null });
  expect(await leftBehind(open)).toMatchObject({ outbox: 1 });
});

test("a retry's ticket is committed at once and may be sent when the retry is due", async () => {
  const { open, row } = await running();
  const change = changeOf(row, { ...fail, retry_after_ms: 60_000 }, { attempt: { outcome: "fail", fault: "task" } });
  const [applied] = await apply(open.db, [change]);
  expect(applied).toMatchObject({ row: { state: "pending", failures: 1 }, ticket: null });
  const [ticket] = await sql(
    open.db,
    `select outbox.dispatch, not_before = due_at as when_due, not_before > now() + interval '50 s' as later
     from outbox join tasks on tasks.id = task_id where outbox.dispatch = 2`,
  );
  expect(ticket).toEqual({ dispatch: 2, when_due: true, later: true });
});

test("a final state has an end and no ticket", async () => {
  const { open, row } = await running();
  const change = changeOf(row, { name: "cancel", reason: "" }, { attempt: { outcome: "cancel" } });
  const [applied] = await apply(open.db, [change]);
  expect(applied).toMatchObject({ row: { state: "cancelled", finished_at: expect.any(Date) }, ticket: null });
  expect(await leftBehind(open)).toMatchObject({ outbox: 1, ended: 1 });
});

test("what the holder told before is kept where its last word says nothing", async () => {
  const { open, row } = await running();
  await sql(open.db, "update attempts set tokens_in = 5, tokens_out = 6, cost_usd = 0.5, model = 'm'");
  await apply(open.db, [changeOf(row, pass, { attempt: { outcome: "pass", usage: { tokens_in: 7 } } })]);
  const [attempt] = await sql(open.db, "select tokens_in, tokens_out, cost_usd, model from attempts");
  expect(attempt).toEqual({ tokens_in: 7, tokens_out: 6, cost_usd: "0.500000", model: "m" });
});

test("a packet's times are the database's, whatever the agent's clock said", async () => {
  const { open, row } = await running();
  const packet = packetFor("dev", { started_at: new Date(Date.now() + 3_600_000) });
  await apply(open.db, [changeOf(row, pass, { ...passed, packet })]);
  const [stored] = await sql(open.db, "select duration_ms, completed_at <= now() as past from handoff_packets");
  expect(stored).toEqual({ duration_ms: 0, past: true });
});

test("a hundred changes are one statement", async () => {
  const open = await testDatabase();
  const rows = await submit(
    open.db,
    Array.from({ length: 100 }, () => newTask(open)),
  );
  const changes = rows.map(({ row }) => changeOf(row, { name: "advance", notes: "" }));
  const answers = await apply(open.db, changes);
  expect(answers.map((answer) => answer?.row.id)).toEqual(rows.map(({ row }) => row.id));
  expect(new Set(answers.map((answer) => answer?.row.updated_at.getTime())).size).toBe(1);
});
