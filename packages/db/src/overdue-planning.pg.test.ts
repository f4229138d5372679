/** How the always-on loops look: their cost must not grow with what is stored and done. */
import { expect, test } from "vitest";
import {
  expiredTasks,
  nextInRoom,
  readyTasksWithOldTicket,
  runsWithoutOpenTasks,
  tasksDoneWaiting,
} from "./overdue.ts";
import { submit } from "./submit.ts";
import { newTask, sql, testDatabase } from "./testing/line.ts";

const DONE_RUNS = `insert into runs (id, workspace_id, project_id, name, state, approval, finished_at)
  select gen_random_uuid(), $1, $2, 'done', 'completed', 'none', now() from generate_series(1, 2000)`;
const DONE_TASKS = `insert into tasks (id, workspace_id, project_id, run_id, stage, state, finished_at, priority, max_failures,
    max_crashes, max_rejections, ledger)
  select gen_random_uuid(), workspace_id, project_id, id, 'complete', 'completed', now(), 5, 3, 3, 3, '' from runs
  where name = 'done'`;

test("a look for what is overdue touches what is open, not what is done", async () => {
  const open = await testDatabase({ connections: 1 });
  const { db, workspace_id, project_id } = open;
  await sql(db, DONE_RUNS, workspace_id, project_id);
  await sql(db, DONE_TASKS);
  await submit(db, [newTask(open), newTask(open)]);
  const looked = async () => {
    await sql(db, "select pg_stat_force_next_flush()");
    const [sums] = await sql<{ rows: number }>(
      db,
      "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows from pg_stat_user_tables where schemaname = 'public'",
    );
    return sums?.rows ?? 0;
  };
  const looks = {
    expired: () => expiredTasks(db, 100),
    ready: () => readyTasksWithOldTicket(db, 0, 100, null),
    next: () => nextInRoom(db, project_id, "dev"),
    waiting: () => tasksDoneWaiting(db, 100),
    over: () => runsWithoutOpenTasks(db, 100),
  };
  for (const [name, look] of Object.entries(looks)) {
    const before = await looked();
    await look();
    expect((await looked()) - before, name).toBeLessThan(40);
  }
});
