/** A database with a workspace, a project and a run in it, and the few steps by which tests bring tasks to where they want them. */
import { type Command, decide, hostedStages, ProjectSettings, type Stage, TRANSITIONS } from "@baton/domain";
import { onTestFinished } from "vitest";
import type { Change } from "../apply.ts";
import { type Claimed, claimTask } from "../claim.ts";
import { type Database, type DatabaseOptions, type Db, openDatabase } from "../client.ts";
import { newId } from "../ids.ts";
import { insertProject } from "../projects.ts";
import { findTask } from "../reads/tasks.ts";
import { type MovedRow, type TaskRow, taskOf } from "../rows.ts";
import { insertRun } from "../runs.ts";
import { type NewTask, submit } from "../submit.ts";
import { firstWorkspace } from "../tenants.ts";
import { freshDatabase } from "./index.ts";

export interface TestDatabase {
  db: Database;
  url: string;
  workspace_id: string;
  /** All its stages are served by hosted workers. */
  project_id: string;
  run_id: string;
}

/** Closed and dropped when the test ends. */
export async function testDatabase(options: DatabaseOptions = {}): Promise<TestDatabase> {
  const { close, ...open } = await sharedDatabase(options);
  onTestFinished(close);
  return open;
}

/** For all tests of a file, where they leave nothing behind. */
export async function sharedDatabase(
  options: DatabaseOptions = {},
): Promise<TestDatabase & { close(): Promise<void> }> {
  const { url, drop } = await freshDatabase();
  const db = openDatabase(url, options);
  const close = async () => {
    await db.close();
    await drop();
  };
  return { ...(await furnished(db, url)), close };
}

/** Puts the workspace, the project and the run into a database that is migrated and empty. */
export async function furnished(db: Database, url: string): Promise<TestDatabase> {
  const workspace_id = await db.transaction(firstWorkspace);
  const settings = ProjectSettings.parse({ commands: { dev: { run: "true" } }, test_command: "true" });
  const project_id = newId();
  await insertProject(db, {
    ...{ id: project_id, workspace_id, name: "test", repository_url: "/repository", primary_branch: "main", settings },
    hosted: hostedStages("/repository", settings),
  });
  return { db, url, workspace_id, project_id, run_id: await testRun(db, workspace_id, project_id) };
}

export async function testRun(db: Db, workspace_id: string, project_id: string): Promise<string> {
  const run = await insertRun(db, { id: newId(), workspace_id, project_id, name: "run", approval: "none" });
  return run.id;
}

const limits = { rejections: 3, attempts: 3, crashes: 3 };

export function newTask(open: TestDatabase, more: Partial<NewTask> = {}): NewTask {
  return {
    ...{ id: newId(), workspace_id: open.workspace_id, project_id: open.project_id, run_id: open.run_id },
    ...{ held: false, priority: 5, limits, title: "a task", description: "", acceptance_criteria: [] },
    ...{ depends_on: [], waits: false, actor: "test", data: { limits } },
    ...more,
  };
}

export async function submitted(open: TestDatabase, more: Partial<NewTask> = {}): Promise<TaskRow> {
  const [one] = await submit(open.db, [newTask(open, more)]);
  if (one === undefined) throw new Error("nothing was submitted");
  return one.row;
}

/** A claim of this very task, as it is. */
export async function claimed({ db, workspace_id }: TestDatabase, row: TaskRow, lease_ms = 60_000): Promise<Claimed> {
  const lease_id = newId();
  const { id: task_id, seq } = row;
  const claim = await claimTask(db, {
    ...{ task_id, seq, workspace_id, lease_id, claim_id: lease_id, lease_ms, agent_id: "agent" },
  });
  if (!claim) throw new Error(`the task cannot be claimed: it is ${row.state}`);
  return claim;
}

type Told = Command extends infer C ? (C extends { name: string } ? Omit<C, "lease_id" | "epoch"> : never) : never;

/** The change that `command` makes of the row, decided a moment after it was written. Holders' commands name its lease. */
export function changeOf(row: TaskRow, command: Told, more: Partial<Change> = {}): Change {
  const before = taskOf(row);
  const held = TRANSITIONS[command.name].needs === "lease" ? { lease_id: row.lease_id, epoch: row.epoch } : {};
  const whole = { ...command, ...held } as Command;
  const decision = decide(before, whole, row.updated_at.getTime());
  if (!decision.ok) throw new Error(decision.refusal.detail);
  return { command: whole.name, before, after: decision.task, event: decision.event, actor: "test", ...more };
}

export async function rowOf({ db, workspace_id }: TestDatabase, id: string): Promise<TaskRow> {
  const found = await findTask(db, workspace_id, id);
  if (found === null) throw new Error("no such task");
  return found.row;
}

let statements = 0;

/** Anything at all, for moving time and for looking behind the verbs. */
export async function sql<R extends Record<string, unknown>>(db: Db, text: string, ...values: unknown[]): Promise<R[]> {
  statements += 1;
  return db.run<R>({ name: `test_${statements}`, text }, values);
}

/** Its lease was over a moment ago, by the database's clock. */
export async function letExpire({ db }: TestDatabase, id: string): Promise<TaskRow> {
  const [row] = await sql<MovedRow>(
    db,
    "update tasks set lease_expires_at = now() - interval '1 ms' where id = $1 returning *",
    id,
  );
  if (row === undefined) throw new Error("no such task");
  return row;
}

export const packetFor = (
  stage: Stage,
  more: Partial<NonNullable<Change["packet"]>> = {},
): NonNullable<Change["packet"]> => ({
  ...{ id: newId(), phase: stage, version: 1, status: "completed", agent_id: "agent", agent_type: "builder" },
  ...{ agent_name: "agent", started_at: new Date(), input_context: {}, rejection_reason: null },
  ...{ cost_tokens_in: null, cost_tokens_out: null, cost_usd: null },
  ...{ input_source_phase: null, input_source_packet_id: null, previous_version_id: null, diff_from_previous: null },
  ...{ output_summary: "did it", output_artifacts: [], output_decisions: [], output_metrics: {}, activity_log: [] },
  ...more,
});

/** How much there is of everything that a change leaves behind. */
export async function leftBehind({ db }: TestDatabase) {
  const [counts] = await sql<Record<"events" | "packets" | "findings" | "outbox" | "ended", number>>(
    db,
    `select (select count(*) from events) as events, (select count(*) from handoff_packets) as packets,
       (select count(*) from findings) as findings, (select count(*) from outbox) as outbox,
       (select count(*) from attempts where ended_at is not null) as ended`,
  );
  return counts;
}
