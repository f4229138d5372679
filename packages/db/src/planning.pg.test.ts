/** How the statements of the hot path go through the tables: their cost must not grow with what is stored. */
import { expect, onTestFinished, test } from "vitest";
import { apply } from "./apply.ts";
import { claimBest, claimTickets } from "./claim.ts";
import { type Db, openDatabase } from "./client.ts";
import { newId } from "./ids.ts";
import { contextsOf } from "./reads/contexts.ts";
import { stageDepths } from "./reads/depth.ts";
import { hangingOn } from "./reads/hanging.ts";
import { pageOfTasks, type TaskFilter } from "./reads/tasks.ts";
import type { TaskRow } from "./rows.ts";
import { submit } from "./submit.ts";
import { changeOf, newTask, packetFor, sql, type TestDatabase, testDatabase, testRun } from "./testing/line.ts";

/** How many rows of all tables have been looked at so far, and how often a table was read from end to end. */
async function looked({ db }: TestDatabase) {
  await sql(db, "select pg_stat_force_next_flush()");
  const [sums] = await sql<{ scans: number; rows: number }>(
    db,
    `select sum(seq_scan)::int as scans, sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows
     from pg_stat_user_tables where schemaname = 'public'`,
  );
  if (sums === undefined) throw new Error("unreachable: sums are always one row");
  return sums;
}

async function carryThroughDev(open: TestDatabase, rows: readonly TaskRow[]): Promise<void> {
  const claims = await claimTickets(
    open.db,
    rows.map(({ id }) => ({
      ...{ task_id: id, stage: "dev", lease_id: newId(), claim_id: newId(), lease_ms: 60_000, agent_id: "agent" },
    })),
  );
  const held = claims.flatMap((claim) => (typeof claim === "string" ? [] : (claim ?? [])));
  const attempt = { outcome: "pass" } as const;
  const change = (row: TaskRow) =>
    changeOf(row, { name: "pass", reasons: [] }, { attempt, packet: packetFor("dev", { started_at: null }) });
  await contextsOf(
    open.db,
    held.map((row) => row.id),
  );
  const applied = await apply(open.db, held.map(change));
  await hangingOn(
    open.db,
    applied.flatMap((one) => one?.row ?? []),
  );
  expect(applied.every((one) => one?.row.stage === "qa")).toBe(true);
}

test("plans made while the tables were empty go by the indexes when the tables are full", async () => {
  const open = await testDatabase({ connections: 1 });
  const submitMany = async (count: number) =>
    (
      await submit(
        open.db,
        Array.from({ length: count }, () => newTask(open)),
      )
    ).map(({ row }) => row);
  await carryThroughDev(open, await submitMany(1));
  const rows = await submitMany(600);
  const before = await looked(open);
  for (let start = 0; start < 100; start += 10) await carryThroughDev(open, rows.slice(start, start + 10));
  const after = await looked(open);
  expect(after.scans - before.scans).toBe(0);
  // Each task is looked up a few times, with what belongs to it; a walk over the others would be hundreds.
  expect((after.rows - before.rows) / 100).toBeLessThan(25);
});

/** A connection that has no plans yet. */
async function again(open: TestDatabase): Promise<TestDatabase> {
  const db = openDatabase(open.url, { connections: 1 });
  onTestFinished(() => db.close());
  return { ...open, db };
}

const asking = () => ({ lease_id: newId(), claim_id: newId(), lease_ms: 60_000, agent_id: "agent" });

test.each([
  ["one run", 1, 40],
  ["two runs", 2, 80],
])(
  "a plan made when some tasks have moved already looks at few of those that are open in %s",
  async (_, runs, most) => {
    const open = await testDatabase({ connections: 1 });
    const { workspace_id } = open;
    for (let n = 0; n < runs; n += 1) {
      const run_id = await testRun(open.db, workspace_id, open.project_id);
      for (let i = 0; i < 5; i += 1) {
        await submit(
          open.db,
          Array.from({ length: 50 }, () => newTask(open, { run_id })),
        );
      }
    }
    // As the line leaves them: each was written several times, and the planner has not been told of any.
    const move = "update tasks set stage = 'qa', seq = seq + 1 where right(id::text, 1) between '0' and 'b'";
    for (let n = 0; n < 3; n += 1) await sql(open.db, move);
    const [ready] = await sql<{ id: string }>(open.db, "select id from tasks where stage = 'dev' limit 1");
    const task_id = ready?.id ?? "";
    const claims = [
      (db: Db) => claimTickets(db, [{ ...asking(), task_id, stage: "dev" }]),
      (db: Db) => claimBest(db, { ...asking(), workspace_id, stages: ["dev"] }),
    ];
    for (const claim of claims) {
      const fresh = await again(open);
      const before = await looked(fresh);
      expect(await claim(fresh.db)).not.toBe(null);
      const after = await looked(fresh);
      expect(after.rows - before.rows).toBeLessThan(most);
    }
  },
);

test("a ticket beside many runs with ready tasks looks at a few of each", async () => {
  const open = await testDatabase({ connections: 1 });
  const [runs, each] = [60, 30];
  for (let n = 0; n < runs; n += 1) {
    const run_id = await testRun(open.db, open.workspace_id, open.project_id);
    await submit(
      open.db,
      Array.from({ length: each }, () => newTask(open, { run_id })),
    );
  }
  const before = await looked(open);
  expect(await CLAIMS.claimTickets(open)).toHaveProperty("id");
  const after = await looked(open);
  // Three tasks that could be given, and what belongs to the run. As many as could be given in all would be 22.
  expect((after.rows - before.rows) / runs).toBeLessThan(10);
});

const CLAIMS = {
  claimTickets: async ({ db }: TestDatabase) => {
    const [ready] = await sql<{ id: string }>(db, "select id from tasks where stage = 'dev' limit 1");
    return (await claimTickets(db, [{ ...asking(), task_id: ready?.id ?? "", stage: "dev" }]))[0];
  },
  claimBest: ({ db, workspace_id }: TestDatabase) => claimBest(db, { ...asking(), workspace_id, stages: ["dev"] }),
};

/** As a backlog leaves it at its end: every task was written several times, and then the statistics were taken. */
async function analyzedWith(ready: number): Promise<TestDatabase> {
  const open = await testDatabase({ connections: 1 });
  const runs = Array.from({ length: 6 }, () => testRun(open.db, open.workspace_id, open.project_id));
  for (const run_id of await Promise.all(runs)) {
    await submit(
      open.db,
      Array.from({ length: 100 }, () => newTask(open, { run_id })),
    );
  }
  for (let n = 0; n < 5; n += 1) await sql(open.db, "update tasks set dispatched_at = now()");
  const done = "state = 'completed', stage = 'complete', finished_at = now()";
  await sql(open.db, `update tasks set ${done} where id not in (select id from tasks order by id limit $1)`, ready);
  await sql(open.db, "analyze tasks");
  return open;
}

test.each([1, 20, 300])(
  "a plan made when %i of many tasks were ready looks at few when many are again",
  async (ready) => {
    const open = await analyzedWith(ready);
    const fresh = { claimTickets: await again(open), claimBest: await again(open) };
    const claims = ["claimTickets", "claimBest"] as const;
    for (const claim of claims) await CLAIMS[claim](fresh[claim]);
    await sql(
      open.db,
      "update tasks set state = 'pending', stage = 'dev', finished_at = null where finished_at is not null",
    );
    for (const claim of claims) {
      const before = await looked(fresh[claim]);
      expect(await CLAIMS[claim](fresh[claim])).toHaveProperty("id");
      const after = await looked(fresh[claim]);
      expect(after.rows - before.rows, claim).toBeLessThan(250);
    }
  },
);

test("who asks for the failed, the waiting or the stuck, or for how many are ready, does not walk along what is completed", async () => {
  const open = await testDatabase({ connections: 1 });
  const added = await submit(
    open.db,
    Array.from({ length: 600 }, () => newTask(open)),
  );
  const oldest = added[0]?.row.id ?? "";
  const end = (state: string, more: string) =>
    sql(open.db, `update tasks set state = '${state}', finished_at = now() ${more}`, oldest);
  await end("completed", ", stage = 'complete' where id <> $1");
  await end("failed", "where id = $1");
  const page = { before: null, limit: 50 };
  const { workspace_id } = open;
  const none: string[] = [];
  const asked: [TaskFilter, string[]][] = [
    [{ state: "failed" }, [oldest]],
    [{ stage: "dev" }, [oldest]],
    [{ state: "pending" }, none],
    [{ stuck: "true" }, none],
  ];
  for (const [filter, ids] of asked) {
    const before = await looked(open);
    const found = await pageOfTasks(open.db, workspace_id, page, filter);
    const after = await looked(open);
    expect(found.map(({ task }) => task.id)).toEqual(ids);
    expect(after.rows - before.rows).toBeLessThan(10);
  }
  for (const of of [workspace_id, null]) {
    const before = await looked(open);
    expect((await stageDepths(open.db, of)).dev).toMatchObject({ ready: 0, running: 0 });
    const after = await looked(open);
    expect([after.scans - before.scans, after.rows - before.rows]).toEqual([0, 0]);
  }
});
