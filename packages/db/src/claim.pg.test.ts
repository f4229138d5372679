/** Claims: one lease for each task, whoever asks at the same moment; and heartbeats, which only a current lease has. */
import { replay } from "@baton/domain";
import { expect, test } from "vitest";
import { type BestClaim, claimBest, claimTickets, type TicketAnswer, type TicketClaim } from "./claim.ts";
import { isDuplicate } from "./faults.ts";
import { heartbeat } from "./heartbeat.ts";
import { newId } from "./ids.ts";
import { eventOf, eventsOf } from "./reads/history.ts";
import { taskOf } from "./rows.ts";
import { submit } from "./submit.ts";
import { claimed, letExpire, newTask, rowOf, sql, submitted, type TestDatabase, testDatabase } from "./testing/line.ts";

const asking = (claim_id = newId()) => ({ lease_id: newId(), claim_id, lease_ms: 60_000, agent_id: "agent" });

function ticket(task_id: string, more: Partial<TicketClaim> = {}): TicketClaim {
  return { ...asking(), task_id, stage: "dev", ...more };
}

function best({ workspace_id }: TestDatabase, more: Partial<BestClaim> = {}): BestClaim {
  return { ...asking(), workspace_id, stages: ["dev"], ...more };
}

const tasksIn = (answers: readonly TicketAnswer[]) =>
  answers.flatMap((answer) => (typeof answer === "string" || answer === null ? [] : answer));

async function manyTasks(open: TestDatabase, n: number, more: Parameters<typeof newTask>[1] = {}) {
  const rows = await submit(
    open.db,
    Array.from({ length: n }, () => newTask(open, more)),
  );
  return rows.map(({ row }) => row);
}

test("two claims of one task at the same moment give one lease", async () => {
  const open = await testDatabase();
  for (let round = 0; round < 10; round += 1) {
    const row = await submitted(open);
    const claims = await Promise.all([1, 2, 3, 4].map(() => claimTickets(open.db, [ticket(row.id)])));
    expect(tasksIn(claims.flat())).toHaveLength(1);
  }
  expect(await sql(open.db, "select count(*) from attempts")).toEqual([{ count: 10 }]);
});

test("fifty agents who ask at the same moment get twenty tasks, each a different one", async () => {
  const open = await testDatabase({ connections: 20 });
  const tasks = await manyTasks(open, 20);
  const claims = await Promise.all(Array.from({ length: 50 }, () => claimBest(open.db, best(open))));
  const got = claims.flatMap((claim) => claim?.id ?? []);
  expect(got.sort()).toEqual(tasks.map((task) => task.id).sort());
  expect(await sql(open.db, "select count(*), max(attempt) from attempts")).toEqual([{ count: 20, max: 1 }]);
});

test("tickets of one statement are given different tasks, as many as there are", async () => {
  const open = await testDatabase();
  const [one, other] = await manyTasks(open, 2);
  const claims = await claimTickets(
    open.db,
    [other, one, one].map((row) => ticket(row?.id ?? "")),
  );
  expect(claims).toMatchObject([{ id: one?.id }, { id: other?.id }, null]);
});

test("a ticket is given the best task of its stage, whichever it names: by priority, then by age", async () => {
  const open = await testDatabase();
  const [low, old, young, high] = [
    ...(await manyTasks(open, 1, { priority: 1 })),
    ...(await manyTasks(open, 2)),
    ...(await manyTasks(open, 1, { priority: 9 })),
  ];
  const given: TicketAnswer[] = [];
  for (let n = 0; n < 4; n += 1) given.push(...(await claimTickets(open.db, [ticket(low?.id ?? "")])));
  expect(tasksIn(given).map(({ id }) => id)).toEqual([high, old, young, low].map((row) => row?.id));
});

/** Another run of the same project. */
async function anotherRun({ db, run_id }: TestDatabase, weight = 1): Promise<string> {
  const id = newId();
  await sql(
    db,
    `insert into runs select (jsonb_populate_record(run, jsonb_build_object('id', $1::text, 'weight', $2::int))).*
     from runs as run where run.id = $3`,
    ...[id, weight, run_id],
  );
  return id;
}

test.each([
  ["one by one", 1],
  ["in one statement", 9],
])("a run of twice the weight is given twice the leases, whichever run the tickets name, %s", async (_, at_once) => {
  const open = await testDatabase();
  const heavy = await anotherRun(open, 2);
  const light = await manyTasks(open, 9);
  await manyTasks(open, 9, { run_id: heavy });
  const claims: TicketAnswer[] = [];
  for (const row of light.slice(0, 9 / at_once)) {
    claims.push(
      ...(await claimTickets(
        open.db,
        Array.from({ length: at_once }, () => ticket(row.id)),
      )),
    );
  }
  expect(tasksIn(claims).filter(({ run_id }) => run_id === heavy)).toHaveLength(6);
  expect(tasksIn(claims).filter(({ run_id }) => run_id === open.run_id)).toHaveLength(3);
});

test("a ticket is given nothing of another workspace, and nothing of a task that is not there", async () => {
  const open = await testDatabase();
  const row = await submitted(open);
  await sql(open.db, "update tasks set state = 'cancelled', finished_at = now()");
  await submitted(open);
  const foreign = newId();
  await sql(open.db, "insert into workspaces (id, name) values ($1, 'foreign')", foreign);
  await sql(open.db, "update tasks set workspace_id = $1 where id = $2", foreign, row.id);
  expect(await claimTickets(open.db, [ticket(row.id), ticket(newId())])).toEqual([null, null]);
});

test("a ticket finds a task that was committed after its statement had begun, and before it looked", async () => {
  const open = await testDatabase();
  await open.db.transaction(async (tx) => {
    await sql(tx, "select now()");
    const row = await submitted(open);
    expect(await claimTickets(tx, [ticket(row.id)])).toMatchObject([{ id: row.id }]);
  });
});

test("a ticket finds its own run, however many older ones have tasks that nobody may have", async () => {
  const open = await testDatabase();
  const runs = await Promise.all(Array.from({ length: 205 }, () => anotherRun(open)));
  await submit(
    open.db,
    runs.map((run_id) => newTask(open, { run_id })),
  );
  await sql(open.db, "update runs set over_budget = true");
  const own = await submitted(open, { run_id: await anotherRun(open) });
  await sql(open.db, "update runs set over_budget = false where id = $1", own.run_id);
  expect(await claimTickets(open.db, [ticket(own.id)])).toMatchObject([{ id: own.id }]);
});

test("a claim is an event like any other: the log replays to the row", async () => {
  const open = await testDatabase();
  const row = await claimed(open, await submitted(open));
  const log = (await eventsOf(open.db, row.id, 0, 10)).map(eventOf);
  expect(replay(log)).toEqual(taskOf(await rowOf(open, row.id)));
  expect(row).toMatchObject({ state: "running", epoch: 1, attempt: 1, seq: 2 });
});

test.each([
  ["is due later", "update tasks set due_at = now() + interval '1 minute'"],
  ["belongs to a paused run", "update tasks set held = true"],
  ["is blocked", "update tasks set state = 'blocked', block_kind = 'quota'"],
  ["is cancelled", "update tasks set state = 'cancelled', finished_at = now()"],
  ["stands in another stage", "update tasks set stage = 'qa'"],
])("a task that %s is not given, neither to a ticket nor to an agent", async (_, change) => {
  const open = await testDatabase();
  const row = await submitted(open);
  await sql(open.db, change);
  expect(await claimTickets(open.db, [ticket(row.id)])).toEqual([null]);
  expect(await claimBest(open.db, best(open))).toBe(null);
  expect(await sql(open.db, "select id from attempts")).toEqual([]);
});

test("a ticket of a stage that is left to agents finds nothing, and an agent gets the task", async () => {
  const open = await testDatabase();
  const row = await submitted(open);
  await sql(open.db, "update projects set hosted = '{qa}'");
  expect(await claimTickets(open.db, [ticket(row.id)])).toEqual([null]);
  expect(await claimBest(open.db, best(open))).toMatchObject({ id: row.id });
});

test("a worker that looks at a task which is not its own does not hide it from agents", async () => {
  const open = await testDatabase();
  const row = await submitted(open);
  await sql(open.db, "update projects set hosted = '{qa}'");
  await open.db.transaction(async (tx) => {
    expect(await claimTickets(tx, [ticket(row.id)])).toEqual([null]);
    expect(await claimBest(open.db, best(open))).toMatchObject({ id: row.id });
  });
});

test("a ticket that finds all that is ready in the hands of others is told so; they may leave it a task", async () => {
  const open = await testDatabase();
  // More than a statement with one ticket looks through.
  const rows = await manyTasks(open, 40);
  const names = (count: number) => Array.from({ length: count }, () => ticket(rows[0]?.id ?? ""));
  await open.db.transaction(async (tx) => {
    expect(tasksIn(await claimTickets(tx, names(30)))).toHaveLength(30);
    expect(await claimTickets(open.db, names(1))).toEqual(["busy"]);
    expect(await claimTickets(open.db, names(12))).toMatchObject([
      ...rows.slice(30).map(({ id }) => ({ id })),
      ...["busy", "busy"],
    ]);
  });
  expect(await claimTickets(open.db, names(1))).toEqual([null]);
});

test("agents are not kept from newer runs by hundreds of older ones that have nothing for them", async () => {
  const open = await testDatabase();
  const older = await Promise.all(Array.from({ length: 201 }, () => anotherRun(open, 1)));
  await submit(
    open.db,
    older.map((run_id) => newTask(open, { run_id })),
  );
  await sql(open.db, "update runs set over_budget = true where id = any ($1)", older);
  const [row] = await manyTasks(open, 1, { run_id: await anotherRun(open, 1) });
  expect(await claimBest(open.db, best(open))).toMatchObject({ id: row?.id });
});

test("a late ticket locks nothing: the holder of the task is not held up", async () => {
  const open = await testDatabase();
  const row = await claimed(open, await submitted(open));
  await open.db.transaction(async (tx) => {
    expect(await claimTickets(tx, [ticket(row.id)])).toEqual([null]);
    await sql(open.db, "select id from tasks for no key update nowait");
  });
});

test("an agent gets nothing of another workspace", async () => {
  const open = await testDatabase();
  await submitted(open);
  expect(await claimBest(open.db, best(open, { workspace_id: newId() }))).toBe(null);
});

test("the task of highest priority comes first, then the oldest, over all the stages that were asked for", async () => {
  const open = await testDatabase();
  const [low] = await manyTasks(open, 1, { priority: 1 });
  const [old, young] = await manyTasks(open, 2, { priority: 5 });
  const [high] = await manyTasks(open, 1, { priority: 9 });
  await sql(open.db, "update tasks set stage = 'qa' where priority = 9");
  const order = [];
  for (let i = 0; i < 4; i += 1) order.push((await claimBest(open.db, best(open, { stages: ["dev", "qa"] })))?.id);
  expect(order).toEqual([high?.id, old?.id, young?.id, low?.id]);
});

test("a claim_id that was used is refused, and the second claim has taken nothing", async () => {
  const open = await testDatabase();
  const [, second] = await manyTasks(open, 2);
  await claimBest(open.db, best(open, { claim_id: "mine" }));
  const again = await claimBest(open.db, best(open, { claim_id: "mine" })).catch((error: unknown) => error);
  expect(isDuplicate(again)).toBe(true);
  expect(await rowOf(open, second?.id ?? "")).toMatchObject({ state: "pending", epoch: 0, seq: 1 });
});

test("a task that others begin to depend on at the same moment can still be claimed", async () => {
  const open = await testDatabase();
  const row = await submitted(open);
  await open.db.transaction(async (tx) => {
    await submit(tx, [newTask(open, { depends_on: [row.id], waits: true })]);
    expect(await claimTickets(open.db, [ticket(row.id)])).toMatchObject([{ id: row.id }]);
  });
});

async function beating(lease_ms = 60_000) {
  const open = await testDatabase();
  const row = await claimed(open, await submitted(open), lease_ms);
  const lease = { lease_id: row.lease_id ?? "", workspace_id: open.workspace_id, epoch: row.epoch };
  return { open, row, lease };
}

test("a heartbeat makes the lease as long again as it was, from now on", async () => {
  const { open, row, lease } = await beating();
  await sql(open.db, "update tasks set lease_expires_at = now() + interval '1 s'");
  const beat = await heartbeat(open.db, lease);
  expect(beat?.expires_at.getTime()).toBeGreaterThanOrEqual(row.lease_expires_at?.getTime() ?? Number.NaN);
  expect(beat?.held).toBe(false);
  expect((await rowOf(open, row.id)).lease_expires_at).toEqual(beat?.expires_at);
});

test("a heartbeat keeps what the holder tells of itself, and what it told before", async () => {
  const { open, lease } = await beating();
  await heartbeat(open.db, { ...lease, usage: { tokens_in: 5, cost_usd: "0.100000" }, progress: "reading" });
  await heartbeat(open.db, { ...lease, usage: { tokens_in: 9, model: "m" } });
  const [told] = await sql(open.db, "select tokens_in, tokens_out, cost_usd, model, progress from attempts");
  expect(told).toEqual({ tokens_in: 9, tokens_out: null, cost_usd: "0.100000", model: "m", progress: "reading" });
});

test("a heartbeat of a paused run's task is told so", async () => {
  const { open, lease } = await beating();
  await sql(open.db, "update tasks set held = true");
  expect(await heartbeat(open.db, lease)).toMatchObject({ held: true });
});

test("a heartbeat with another epoch, from another workspace or for a lease that is over is not heard", async () => {
  const { open, row, lease } = await beating();
  const before = await rowOf(open, row.id);
  expect(await heartbeat(open.db, { ...lease, epoch: 2 })).toBe(null);
  expect(await heartbeat(open.db, { ...lease, workspace_id: newId() })).toBe(null);
  expect(await rowOf(open, row.id)).toEqual(before);
  const over = await letExpire(open, row.id);
  expect(await heartbeat(open.db, lease)).toBe(null);
  expect((await rowOf(open, row.id)).lease_expires_at).toEqual(over.lease_expires_at);
});
