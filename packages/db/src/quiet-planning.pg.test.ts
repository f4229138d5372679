/** Plans that were made while next to nothing was going on, and are used when much is: each statement still finds its tasks by their ids. */
import { expect, test } from "vitest";
import { apply } from "./apply.ts";
import { claimBest, claimTask, claimTickets } from "./claim.ts";
import { heartbeat } from "./heartbeat.ts";
import { newId } from "./ids.ts";
import { redispatch } from "./outbox.ts";
import { nextInRoom } from "./overdue.ts";
import { whatWithholds } from "./reads/withheld.ts";
import type { TaskRow } from "./rows.ts";
import { submit } from "./submit.ts";
import { changeOf, newTask, rowOf, sql, submitted, type TestDatabase, testDatabase, testRun } from "./testing/line.ts";

const OTHERS = 1_500;

/** Of the tasks, so many rows have been looked at. */
async function looked({ db }: TestDatabase): Promise<number> {
  await sql(db, "select pg_stat_force_next_flush()");
  const [sums] = await sql<{ rows: number }>(
    db,
    "select (seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_user_tables where relname = 'tasks'",
  );
  return sums?.rows ?? 0;
}

const asking = () => ({ lease_id: newId(), claim_id: newId(), lease_ms: 60_000, agent_id: "agent" });

async function held(open: TestDatabase, { id, seq }: TaskRow): Promise<TaskRow> {
  const { workspace_id } = open;
  const given = await claimTask(open.db, { ...asking(), workspace_id, task_id: id, seq });
  if (given === null) throw new Error("the task is not ready");
  return given;
}

const whole = (row: TaskRow) => ({ lease_id: row.lease_id ?? "", workspace_id: row.workspace_id, epoch: row.epoch });

const STATEMENTS: Record<string, (open: TestDatabase, row: TaskRow) => Promise<unknown>> = {
  claimTask: held,
  claimBest: ({ db }, { workspace_id }) => claimBest(db, { ...asking(), workspace_id, stages: ["dev"] }),
  claimTickets: async ({ db }, { id }) => (await claimTickets(db, [{ ...asking(), task_id: id, stage: "dev" }]))[0],
  nextInRoom: ({ db }, { project_id }) => nextInRoom(db, project_id, "dev"),
  redispatch: ({ db }, { id, seq, dispatch }) => redispatch(db, [{ task_id: id, seq, dispatch }]),
  whatWithholds: ({ db }, { id }) => whatWithholds(db, id),
};

const OF_HOLDERS: typeof STATEMENTS = {
  heartbeat: ({ db }, row) => heartbeat(db, whole(row)),
  apply: ({ db }, row) => apply(db, [changeOf(row, { name: "release" }, { attempt: { outcome: "release" } })]),
};

/** All tasks but a few are through, and the server knows it. */
async function quiet(): Promise<TestDatabase> {
  const open = await testDatabase({ connections: 1 });
  const run_id = await testRun(open.db, open.workspace_id, open.project_id);
  await submit(
    open.db,
    Array.from({ length: OTHERS }, () => newTask(open, { run_id })),
  );
  await sql(open.db, "update tasks set state = 'completed', stage = 'complete', finished_at = now()");
  await sql(open.db, "vacuum analyze tasks");
  return open;
}

const READY = "state = 'pending', stage = 'dev', finished_at = null";
const LEASED = `state = 'running', stage = 'dev', finished_at = null, lease_id = gen_random_uuid(),
  lease_expires_at = now() + interval '1 hour'`;

test.each([
  ["ready", READY],
  ["leased", LEASED],
])("no statement for one task looks at the others when all of them are %s", async (_, all) => {
  const open = await quiet();
  const work = async (): Promise<Record<string, number>> => {
    const rows: Record<string, number> = {};
    for (const [name, run] of Object.entries({ ...STATEMENTS, ...OF_HOLDERS })) {
      const task = await submitted(open, { priority: 9 });
      const row = name in OF_HOLDERS ? await held(open, task) : task;
      const before = await looked(open);
      expect(await run(open, await rowOf(open, row.id))).toBeTruthy();
      rows[name] = (await looked(open)) - before;
    }
    return rows;
  };
  await work();
  await sql(open.db, `update tasks set ${all} where finished_at is not null`);
  for (const [name, rows] of Object.entries(await work())) expect(rows, name).toBeLessThan(60);
});
