/** Claims where a project has a limit. That none goes over it, the pipeline's tests say. */
import { ProjectSettings } from "@baton/domain";
import { expect, test } from "vitest";
import { claimLimitedTicket, claimTickets, type TicketClaim } from "./claim.ts";
import { newId } from "./ids.ts";
import { insertProject } from "./projects.ts";
import type { TaskRow } from "./rows.ts";
import { sql, submitted, type TestDatabase, testDatabase, testRun } from "./testing/line.ts";

function ticket(task_id: string): TicketClaim {
  return { task_id, stage: "dev", lease_id: newId(), claim_id: newId(), lease_ms: 60_000, agent_id: "agent" };
}

test("a ticket that finds nothing is told of tasks that a limit may hold back, and only of those", async () => {
  const open = await testDatabase();
  const row = await submitted(open);
  await sql(open.db, `update projects set capacity = '{"total": 1}'`);
  expect(await claimTickets(open.db, [ticket(row.id)])).toEqual(["limited"]);
  expect(await claimLimitedTicket(open.db, ticket(row.id))).toMatchObject({ id: row.id });
  await sql(open.db, "update projects set capacity = null");
  expect(await claimTickets(open.db, [ticket(row.id)])).toEqual([null]);
});

/** The same database with another project in it, which has a limit. */
async function limitedBesides(open: TestDatabase, total: number): Promise<TestDatabase> {
  const { db, workspace_id } = open;
  const project_id = newId();
  const settings = ProjectSettings.parse({ concurrency: { total } });
  const more = { repository_url: "/repository", primary_branch: "main", settings, capacity: { total } };
  await insertProject(db, { id: project_id, workspace_id, name: "limited", hosted: ["dev"], ...more });
  return { ...open, project_id, run_id: await testRun(db, workspace_id, project_id) };
}

test("a project with a limit gets its turn while others without one have work without end", async () => {
  const open = await testDatabase();
  const waiting = await Promise.all([1, 2, 3, 4].map(() => submitted(open)));
  const few = await limitedBesides(open, 1);
  const limited = [await submitted(few), await submitted(few)];
  const [first, second, ...others] = await claimTickets(
    open.db,
    [...limited, waiting[0], waiting[1]].map((row) => ticket(row?.id ?? "")),
  );
  expect([first, second]).toEqual(["limited", "limited"]);
  expect(others).toMatchObject([{ project_id: open.project_id }, { project_id: open.project_id }]);
  const under = async (row: TaskRow | undefined) => claimLimitedTicket(open.db, ticket(row?.id ?? ""));
  expect(await under(limited[0])).toMatchObject({ project_id: few.project_id });
  // It is full now: its second ticket is given what there is besides.
  expect(await under(limited[1])).toMatchObject({ project_id: open.project_id });
});

test("a run whose tasks are all in the hands of others does not keep a project with a limit from its others", async () => {
  const open = await limitedBesides(await testDatabase({ connections: 4 }), 5);
  const row = await submitted(open);
  const run_id = await testRun(open.db, open.workspace_id, open.project_id);
  for (let n = 0; n < 40; n += 1) await submitted(open, { run_id, priority: 9 });
  await open.db.transaction(async (tx) => {
    await sql(tx, "select from tasks where priority = 9 for no key update");
    expect(await claimLimitedTicket(open.db, ticket(row.id))).toMatchObject({ id: row.id });
  });
});

/** Where whether there is room is a question of time: until the transaction that has locked the projects' own lock ends. */
const SLOW = `create or replace function has_room(project uuid, asked text, capacity jsonb) returns boolean language plpgsql as
  'begin perform pg_advisory_xact_lock(7); return true; end'`;

test("what is known of a task is left out when something happened to the task while that was read", async () => {
  const open = await testDatabase({ connections: 4 });
  const row = await submitted(open);
  await sql(open.db, `update projects set capacity = '{"total": 1}'`);
  await sql(open.db, SLOW);
  const waits = () =>
    sql(open.db, "select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()");
  const claimed = await open.db.transaction(async (tx) => {
    await sql(tx, "select pg_advisory_xact_lock(7)");
    const claiming = claimLimitedTicket(open.db, ticket(row.id));
    await expect.poll(waits).toHaveLength(1);
    await sql(open.db, "update tasks set seq = seq + 1");
    return { claiming };
  });
  expect(await claimed.claiming).toMatchObject({ id: row.id, seq: 3, context: null });
});

test("what is known of a task comes with its lease", async () => {
  const open = await testDatabase();
  const row = await submitted(open, { title: "Parse nothing" });
  expect(await claimTickets(open.db, [ticket(row.id)])).toMatchObject([
    { context: { spec: { title: "Parse nothing" } } },
  ]);
});
