/** The database says the law again: statements that would break it are refused whoever makes them, and none that the line makes. */
import { PLACES, placeEdges, STAGES, stateEdges, TASK_STATES } from "@baton/domain";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sqlState } from "./faults.ts";
import { claimed, sharedDatabase, sql, submitted, testDatabase } from "./testing/line.ts";

const event = (values: string) =>
  `insert into events (workspace_id, task_id, seq, type, from_stage, from_state, to_stage, to_state, charged, visit, attempt, epoch, actor, data, hash)
   select workspace_id, id, ${values}, 'nothing', 1, 0, 0, 'test', '{}', '' from tasks`;

const attempt = (epoch: number, ended: string) =>
  `insert into attempts (id, workspace_id, task_id, stage, visit, attempt, epoch, claim_id, agent_id, lease_ms, ended_at, outcome)
   select gen_random_uuid(), workspace_id, id, 'dev', 1, 1, ${epoch}, 'claim', 'agent', 1, ${ended} from tasks`;

const packet = (owner: string) =>
  `insert into handoff_packets (id, workspace_id, task_id, phase, version, status, agent_id, agent_type, agent_name, started_at,
     completed_at, input_context, output_summary, output_artifacts, output_decisions, output_metrics, activity_log)
   select gen_random_uuid(), workspace_id, ${owner}, '{}', '', '[]', '[]', '{}', '[]' from tasks`;

let open: Awaited<ReturnType<typeof sharedDatabase>>;

beforeAll(async () => {
  open = await sharedDatabase({ connections: 1 });
  await claimed(open, await submitted(open));
});
afterAll(() => open.close());

/** On a task that is running in dev under its first lease, its events 1 and 2 being there. */
test.each([
  ["a state nobody knows", "tasks_", "update tasks set state = 'waiting'"],
  ["a stage nobody knows", "tasks_", "update tasks set stage = 'prod'"],
  ["a running task without a lease", "tasks_leased", "update tasks set lease_id = null"],
  ["a running task whose lease never ends", "tasks_leased", "update tasks set lease_expires_at = null"],
  ["a lease without work", "tasks_leased", "update tasks set state = 'pending'"],
  ["an end before the end", "tasks_finished", "update tasks set finished_at = now()"],
  [
    "a final state without an end",
    "tasks_finished",
    "update tasks set state = 'failed', lease_id = null, lease_expires_at = null",
  ],
  [
    "a completed task on the line",
    "tasks_completed",
    "update tasks set state = 'completed', finished_at = now(), lease_id = null, lease_expires_at = null",
  ],
  ["an uncompleted task behind the line", "tasks_completed", "update tasks set stage = 'complete'"],
  [
    "a block without a kind",
    "tasks_blocked",
    "update tasks set state = 'blocked', lease_id = null, lease_expires_at = null",
  ],
  ["a kind of block without a block", "tasks_blocked", "update tasks set block_kind = 'quota'"],
  ["a kind of block nobody knows", "tasks_block", "update tasks set block_kind = 'mood'"],
  ["a priority above ten", "tasks_priority", "update tasks set priority = 11"],
  ["more failures than the limit", "tasks_limits", "update tasks set failures = 4"],
  ["more crashes than the limit", "tasks_limits", "update tasks set crashes = 4"],
  ["more loop-backs than one past the limit", "tasks_limits", "update tasks set rejections = 5"],
  ["a second attempt of the same epoch", "attempts_epoch", attempt(1, "now(), 'pass'")],
  ["an attempt that ended without an outcome", "attempts_ended", attempt(2, "now(), null")],
  ["an outcome without an end", "attempts_ended", "update attempts set outcome = 'pass'"],
  ["an outcome nobody knows", "attempts_outcome", "update attempts set outcome = 'lost', ended_at = now()"],
  ["a fault nobody knows", "attempts_fault", "update attempts set fault = 'weather'"],
  [
    "a second event of the same number",
    "events_task_id_seq_pk",
    event("2, 'passed', 'dev', 'running', 'qa', 'pending'"),
  ],
  ["an event nobody knows", "events_type", event("3, 'teleported', 'dev', 'running', 'qa', 'pending'")],
  [
    "an event that skips a stage's way to the end",
    "events_stage_edge",
    event("3, 'passed', 'dev', 'running', 'complete', 'completed'"),
  ],
  [
    "an event that leaves a final state",
    "events_state_edge",
    event("3, 'passed', 'docs', 'completed', 'docs', 'running'"),
  ],
  [
    "a packet without an owner",
    "handoff_packets_owner",
    packet("null, 'dev', 1, 'completed', '', '', '', now(), now()"),
  ],
  [
    "a packet that ends before it begins",
    "handoff_packets_times",
    packet("id, 'dev', 1, 'completed', '', '', '', now(), now() - interval '1 s'"),
  ],
  [
    "a packet in a status nobody knows",
    "handoff_packets_status",
    packet("id, 'dev', 1, 'fine', '', '', '', now(), now()"),
  ],
  ["a task that waits for itself", "task_dependencies_self", "insert into task_dependencies select id, id from tasks"],
  ["a ticket for no stage", "outbox_stage", "update outbox set stage = 'complete'"],
  ["a run that ended without an end", "runs_finished", "update runs set state = 'killed'"],
  ["a run in a state nobody knows", "runs_state", "update runs set state = 'done'"],
  ["a task of no run", "tasks_run_id_runs_id_fk", "update tasks set run_id = gen_random_uuid()"],
])("%s is refused", async (_, constraint, statement) => {
  const refusal = await sql(open.db, statement).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(Error);
  expect(sqlState(refusal)).toMatch(/^23/);
  expect(refusal).toMatchObject({ constraint: expect.stringContaining(constraint) });
});

test("a packet's version is there once for each task and stage", async () => {
  const alone = await testDatabase();
  await submitted(alone);
  const first = packet("id, 'dev', 1, 'completed', '', '', '', now(), now()");
  await sql(alone.db, first);
  await expect(sql(alone.db, first)).rejects.toMatchObject({ constraint: "handoff_packets_task" });
});

const insertEdge = (from_stage: string, from_state: string, to_stage: string, to_state: string) =>
  event(`(select max(seq) + 1 from events), 'passed', '${from_stage}', '${from_state}', '${to_stage}', '${to_state}'`);

test("every edge that a decision can make may be stored, and no other", async () => {
  const alone = await testDatabase({ connections: 1 });
  await submitted(alone);
  const stored = async (statement: string) =>
    sql(alone.db, statement).then(
      () => true,
      () => false,
    );
  const [states, places] = [stateEdges(), placeEdges()];
  for (const from of ["new", ...TASK_STATES]) {
    for (const to of TASK_STATES) {
      const edge = `${from}>${to}`;
      expect([edge, await stored(insertEdge("dev", from, "qa", to))]).toEqual([edge, states.includes(edge)]);
    }
  }
  for (const from of PLACES) {
    for (const to of [...STAGES, "none", "complete"]) {
      const edge = `${from}>${to}`;
      expect([edge, await stored(insertEdge(from, "running", to, "pending"))]).toEqual([edge, places.includes(edge)]);
    }
  }
});
