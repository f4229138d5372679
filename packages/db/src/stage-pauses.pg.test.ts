/** Which faults are a streak: whatever else the stage is busy with, and however long the attempts took. */
import { expect, test } from "vitest";
import { newId } from "./ids.ts";
import { findProject, insertProject } from "./projects.ts";
import { pauseOnStreak, resumeStage } from "./stage-pauses.ts";
import { submit } from "./submit.ts";
import { newTask, sql, type TestDatabase, testDatabase, testRun } from "./testing/line.ts";

/** Ages as Postgres says intervals; without an `ended`, the attempt is still open. */
interface Lived {
  started: string;
  ended?: string;
  outcome?: string;
  fingerprint?: string | null;
}

const ADD = `insert into attempts
    (id, workspace_id, task_id, stage, visit, attempt, epoch, claim_id, agent_id, lease_ms, started_at, ended_at, outcome, fault_fingerprint)
  select gen_random_uuid(), $1, task.id, 'dev', 1, n, (select count(*) from attempts) + n, gen_random_uuid(), 'agent', 60000,
    now() - $3::interval, now() - $4::interval, $5, $6
  from json_array_elements_text($2) as asked (id)
  cross join lateral (select asked.id::uuid as id) as task
  cross join generate_series(1, $7) as n`;

async function attempts(open: TestDatabase, tasks: readonly string[], lived: Lived, each = 1): Promise<void> {
  const { started, ended = null, outcome = ended && "fail", fingerprint = ended && "fault" } = lived;
  const values = [open.workspace_id, JSON.stringify(tasks), started, ended, outcome, fingerprint, each];
  await sql(open.db, ADD, ...values);
}

async function newTasks(open: TestDatabase, n: number): Promise<string[]> {
  const made = Array.from({ length: n }, () => newTask(open));
  return (await submit(open.db, made)).map(({ row }) => row.id);
}

/** The same database with another project in it. */
async function besides(open: TestDatabase): Promise<TestDatabase> {
  const { db, workspace_id } = open;
  const project = await findProject(db, workspace_id, open.project_id);
  if (project === null) throw new Error("no such project");
  const { repository_url, primary_branch, settings, hosted } = project;
  const project_id = newId();
  const more = { repository_url, primary_branch, settings, hosted };
  await insertProject(db, { id: project_id, workspace_id, name: "another", ...more });
  return { ...open, project_id, run_id: await testRun(db, workspace_id, project_id) };
}

const counted = ({ db, project_id }: TestDatabase) =>
  pauseOnStreak(db, { project_id, stage: "dev", fingerprint: "fault", reason: "again", times: 5 });

/** More than a streak may be looked for among, when what is open or others' counts. */
const MANY = 6_000;

test("a fault on five tasks pauses the stage, however many leases were given since these attempts began", async () => {
  const open = await testDatabase();
  const [busy = "", ...tasks] = await newTasks(open, 6);
  await attempts(open, tasks, { started: "6 days 23 hours", ended: "1 second" });
  await attempts(open, [busy], { started: "1 minute" }, MANY);
  expect(await counted(open)).toBe(true);
});

test("a fault on five tasks pauses the stage, however many short attempts of another project were between", async () => {
  const open = await testDatabase();
  await attempts(open, await newTasks(open, 5), { started: "3 hours", ended: "1 second" });
  const other = await besides(open);
  const short = { started: "1 minute", ended: "0 seconds", outcome: "pass", fingerprint: null };
  await attempts(other, await newTasks(other, 1), short, MANY);
  expect(await counted(open)).toBe(true);
  expect(await counted(other)).toBe(false);
});

test("faults of other projects are not counted", async () => {
  const open = await testDatabase();
  await attempts(open, await newTasks(open, 4), { started: "3 hours", ended: "1 second" });
  const other = await besides(open);
  await attempts(other, await newTasks(other, 9), { started: "1 minute", ended: "1 second" });
  expect(await counted(open)).toBe(false);
});

test.each([
  ["began before the faults and ended after them", "2 hours", "1 second", false],
  ["began after the faults and ended before them", "1 minute", "30 seconds", true],
] as const)("a verdict counts by its end: one that %s", async (_, started, ended, paused) => {
  const open = await testDatabase();
  const [other = "", ...tasks] = await newTasks(open, 6);
  await attempts(open, tasks, { started: "1 hour", ended: "10 seconds" });
  await attempts(open, [other], { started, ended, outcome: "pass", fingerprint: null });
  expect(await counted(open)).toBe(paused);
});

test("a fault that was forgiven is not counted again, however long ago it was", async () => {
  const open = await testDatabase();
  const [last = "", ...tasks] = await newTasks(open, 6);
  await attempts(open, tasks, { started: "8 days", ended: "6 days" });
  expect(await counted(open)).toBe(true);
  await open.db.transaction((tx) => resumeStage(tx, open.project_id, "dev"));
  await attempts(open, [last], { started: "1 minute", ended: "1 second" });
  expect(await counted(open)).toBe(false);
});

test("a fault of more than a week ago is not counted", async () => {
  const open = await testDatabase();
  const [last = "", ...tasks] = await newTasks(open, 5);
  await attempts(open, tasks, { started: "9 days", ended: "8 days" });
  await attempts(open, [last], { started: "1 minute", ended: "1 second" });
  expect(await counted(open)).toBe(false);
});
