/** The verbs as tests say them: with the defaults that most tests want, and a refusal thrown where none is expected. */
import { eventOf, eventsOf, findTask, newId, type TaskRow, taskOf } from "@baton/db";
import { type Finding, type FindingInput, type Result, replay, type Stage } from "@baton/domain";
import { type ClaimedLease, NewTask } from "@baton/domain/api";
import { claim } from "../claim.ts";
import { type Assignment, claimTicket } from "../hosted.ts";
import { completeLease } from "../leases.ts";
import { createRun } from "../submit-run.ts";
import { openWaitingRoom } from "../wait.ts";
import { type TestLine, testProject } from "./index.ts";

/** The value of an answer that must not be a refusal. */
export function valueOf<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Error(`${result.problem.code}: ${result.problem.detail}`);
}

export const newTask = (more: Partial<NewTask> = {}) => NewTask.parse({ title: "a task", ...more });
export const newTasks = (n: number) => Array.from({ length: n }, () => newTask());

interface RunInput {
  project_id?: string;
  approval?: "none" | "required";
}

/** A run with these tasks, in a project that is left to pulling agents unless another one is given. */
export async function submitted(open: TestLine, tasks = [newTask()], { project_id, approval }: RunInput = {}) {
  const project = project_id ?? (await testProject(open));
  const options = approval === undefined ? {} : { approval };
  const input = { project_id: project, name: "run", tasks, options };
  const { run, tasks: made } = valueOf(await createRun(open.line, open.admin, input));
  return { run, tasks: made, ids: made.map((task) => task.id), id: made[0]?.id ?? "" };
}

/** Does not wait when there is nothing. */
export const impatient = () => ({ room: openWaitingRoom(), signal: new AbortController().signal });

export const asking = (stage: Stage, claim_id = newId()) => ({
  ...{ claim_id, stages: [stage], agent: { id: `${stage}-agent` }, wait_s: 0, lease_s: 60 },
});

/** Null when there is nothing to claim. */
export async function claimed(open: TestLine, stage: Stage, who = open.admin): Promise<ClaimedLease | null> {
  const answer = valueOf(await claim(open.line, who, asking(stage), impatient()));
  return answer.kind === "leased" ? answer.value : null;
}

export async function leased(open: TestLine, stage: Stage, who = open.admin) {
  const got = await claimed(open, stage, who);
  if (got === null) throw new Error(`there is nothing to claim in ${stage}`);
  return { ...got, ref: { lease_id: got.lease.id, epoch: got.lease.epoch } };
}

/** Agents that claim one task after the other until `stop`, which tells how many leases they were given. */
export function claimers(open: TestLine, n: number) {
  let going = true;
  let given = 0;
  const all = Array.from({ length: n }, async () => {
    while (going) if (await claimed(open, "dev")) given += 1;
  });
  return {
    given: () => given,
    stop: async () => {
      going = false;
      await Promise.all(all);
      return given;
    },
  };
}

export const packet = (output_summary = "did it") => ({
  ...{ output_summary, output_artifacts: [], output_decisions: [], output_metrics: {}, activity_log: [] },
});

interface Report {
  result?: "pass" | "reject";
  findings?: FindingInput[];
}

type Ref = Awaited<ReturnType<typeof leased>>["ref"];

export function complete(
  { line, admin }: TestLine,
  ref: Ref,
  { result = "pass", findings = [] }: Report = {},
  who = admin,
) {
  return completeLease(line, who, { ...ref, result, packet: packet(), findings });
}

/** Claims the best task of the stage and completes it at once. */
export async function handOver(open: TestLine, stage: Stage, report: Report | "pass" | "reject" = "pass") {
  const { ref } = await leased(open, stage);
  return valueOf(await complete(open, ref, typeof report === "string" ? { result: report } : report));
}

/** A hosted worker's claim of the task's newest ticket. */
export async function assigned(open: TestLine, id: string, lease_ms = 60_000): Promise<Assignment> {
  const { run_id, visit, dispatch, stage } = await rowOf(open, id);
  const ticket = { task_id: id, run_id, stage: stage as Stage, visit, dispatch };
  const assignment = await claimTicket(open.line, ticket, { id: "worker", kind: "hosted" }, lease_ms);
  if (assignment === null) throw new Error("the ticket found nothing");
  return assignment;
}

export const evidence = (more: { findings?: Finding[]; claimed?: "pass" | "reject" } = {}) => ({
  ...{ claimed: "pass" as const, packet: packet(), findings: [], checks: [], usage: {} },
  ...more,
});

export async function rowOf({ db, admin }: TestLine, id: string): Promise<TaskRow> {
  const found = await findTask(db, admin.workspace_id, id);
  if (found === null) throw new Error("there is no such task");
  return found.row;
}

/** What happened to the task, in order. */
export async function happened({ db }: TestLine, id: string): Promise<string[]> {
  return (await eventsOf(db, id, 0, 1_000)).map((event) => event.type);
}

/** The row as it is, and as its events say it must be. */
export async function replayed(open: TestLine, id: string) {
  const log = (await eventsOf(open.db, id, 0, 1_000)).map(eventOf);
  return { log: replay(log), row: taskOf(await rowOf(open, id)) };
}

let statements = 0;

/** Anything at all, for moving time and for looking behind the verbs. */
export async function sql<R extends Record<string, unknown>>(
  { db }: TestLine,
  text: string,
  ...values: unknown[]
): Promise<R[]> {
  statements += 1;
  return db.run<R>({ name: `test_${statements}`, text }, values);
}

export async function countOf(open: TestLine, what: string): Promise<number> {
  const [row] = await sql<{ count: number }>(open, `select count(*) as count from ${what}`);
  return row?.count ?? 0;
}

/** All leases were over a moment ago, by the database's clock. */
/** Who runs into a lock that somebody else holds, for `countOf`. */
export const HINDERED = "pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()";

export const letLeasesExpire = (open: TestLine) =>
  sql(open, "update tasks set lease_expires_at = now() - interval '1 ms' where state = 'running'");

/** All retries are due. */
export const letTasksBeDue = (open: TestLine) => sql(open, "update tasks set due_at = now() where due_at > now()");
