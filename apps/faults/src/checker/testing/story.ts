/** A good story by hand: one run of one task, told by its clients and found in the database as it should be. Tests spoil it. */
import type { AttemptRow, EventRow, RunRow, TaskRow } from "@baton/db";
import { type Command, decide, evolve, replay, STAGES, submitted, type Task, type TaskEvent } from "@baton/domain";
import type { Answer, Operation } from "../../history/entry.ts";
import { packetHash } from "../../history/packet-hash.ts";
import type { Call } from "../../history/read.ts";
import type { Evidence, Life } from "../evidence.ts";

export interface Story {
  calls: Call[];
  evidence: Evidence;
  life: Life;
}

export const RUN = "run-1";
export const TASK_ID = "task-1";
const LEASE_MS = 5_000;
const LIMITS = { rejections: 3, attempts: 3, crashes: 3 };
/** The database's clock runs along with that of the history, from here on. */
export const T0 = Date.parse("2026-01-01T00:00:00Z");
const STEP_MS = 100;

export interface Teller {
  now: number;
  task: Task;
  calls: Call[];
  life: Life;
  evidence: Evidence;
}

/** dev fails once, passes; qa rejects; dev and qa pass; sec passes at once; docs too. */
export function goodStory(): Story {
  const teller = begun();
  fails(claims(teller), teller);
  for (const result of ["pass", "reject", "pass", "pass", "pass", "pass"] as const)
    completes(claims(teller), result, teller);
  return finished(teller);
}

export function begun(): Teller {
  const event = submitted(TASK_ID, LIMITS, false, T0);
  const teller: Teller = {
    now: 0,
    task: replay([event]),
    calls: [],
    life: { task: {} as TaskRow, events: [], attempts: [], packets: [], findings: [], artifacts: [], ledger: null },
    evidence: {
      ...{ runs: [], capacities: new Map(), lives: [], keys: [], unsent: [], stranded: [], watched: [], damaged: [] },
    },
  };
  record(teller, event);
  say(teller, { op: "create_run", key: "create", tasks: 1 }, { run_id: RUN, task_ids: [TASK_ID], answer: "created" });
  teller.evidence.keys.push({ route: "createRun", key: "create", run_id: RUN });
  return teller;
}

/** A call that is answered with `ok`. */
export function say(teller: Teller, operation: Operation, answer: Answer): Call {
  const invoked_at = teller.now;
  teller.now += STEP_MS;
  const end = { type: "ok", at: teller.now - STEP_MS / 2, answer } as const;
  const call: Call = { id: `call-${teller.calls.length + 1}`, actor: "agent", invoked_at, operation, end };
  teller.calls.push(call);
  return call;
}

/** What happens between the call and its answer. */
const MIDDLE_MS = STEP_MS / 4;
const dateOf = (teller: Teller) => new Date(T0 + teller.now + MIDDLE_MS);

function moves(teller: Teller, command: Command, data: Record<string, unknown> = {}): void {
  const decision = decide(teller.task, command, dateOf(teller).getTime());
  if (!decision.ok) throw new Error(decision.refusal.detail);
  record(teller, { ...decision.event, data: { ...decision.event.data, ...data } });
}

function record(teller: Teller, event: TaskEvent): void {
  const { life, evidence } = teller;
  if (event.seq > 1) teller.task = evolve(teller.task, event);
  const { visit, attempt, epoch } = teller.task;
  const at = new Date(event.at);
  const row = { ...event, visit, attempt, epoch, at, actor: "agent", workspace_id: "ws", hash: Buffer.alloc(32) };
  life.events.push(row as EventRow);
  evidence.watched?.push({ task_id: TASK_ID, seq: event.seq, held: false, ticket: true, run_state: "active" });
}

export type Held = Extract<Operation, { op: "heartbeat" }>;

export function claims(teller: Teller): Held {
  const lease_id = `lease-${teller.task.epoch + 1}`;
  const started_at = dateOf(teller);
  const last = teller.life.packets.at(-1) ?? null;
  moves(teller, { name: "claim", lease_id, lease_s: LEASE_MS / 1_000, agent_id: "agent" });
  const { stage, visit, epoch, attempt } = teller.task;
  if (stage === "none" || stage === "complete") throw new Error("over");
  const held = { task_id: TASK_ID, run_id: RUN, lease_id, epoch, stage, visit };
  const claim_id = `claim-${epoch}`;
  const times = { started_at, heartbeat_at: started_at, ended_at: null, deadline_at: null };
  const row = { id: lease_id, task_id: TASK_ID, stage, visit, attempt, epoch, claim_id, lease_ms: LEASE_MS, ...times };
  teller.life.attempts.push({ ...row, token_id: "token", agent_id: "agent", outcome: null } as AttemptRow);
  const expires_at = new Date(started_at.getTime() + LEASE_MS).toISOString();
  const lease = { ...held, attempt, expires_at, packet_id: last?.id ?? null, packet: last?.hash ?? null };
  say(teller, { op: "claim", claim_id, stages: [...STAGES], agent_id: "agent" }, { lease });
  return { op: "heartbeat", ...held };
}

export function beats(held: Held, teller: Teller, directive = "continue"): Call {
  const attempt = teller.life.attempts.find(({ id }) => id === held.lease_id);
  if (attempt) attempt.heartbeat_at = dateOf(teller);
  return say(teller, held, { directive });
}

function ends(held: Held, outcome: AttemptRow["outcome"], teller: Teller): void {
  const attempt = teller.life.attempts.find(({ id }) => id === held.lease_id);
  if (attempt) Object.assign(attempt, { outcome, ended_at: dateOf(teller) });
}

function fails({ op: _, ...held }: Held, teller: Teller): Call {
  ends({ op: "heartbeat", ...held }, "fail", teller);
  const ref = { lease_id: held.lease_id, epoch: held.epoch };
  moves(teller, { name: "fail", ...ref, fault: "task", message: "broken", random: 0 });
  const key = `fail-${held.epoch}`;
  teller.evidence.keys.push({ route: "fail", key, run_id: null });
  return say(teller, { op: "fail", ...held, key, fault: "task" }, { answer: key });
}

export function completes({ op: _, ...held }: Held, result: "pass" | "reject", teller: Teller): Call {
  ends({ op: "heartbeat", ...held }, result, teller);
  const packet = { id: `packet-${held.epoch}`, hash: packetHash({ output_summary: held.lease_id }) };
  teller.life.packets.push(packet);
  const usage = { tokens_in: held.epoch, tokens_out: 2, cost_usd: "0.100000" };
  const besides = { findings: [`found under ${held.lease_id}`], usage };
  teller.life.findings.push(...besides.findings.map((title) => ({ title, packet_id: packet.id })));
  Object.assign(teller.life.attempts.find(({ id }) => id === held.lease_id) ?? {}, usage);
  const command: Command = { name: result, lease_id: held.lease_id, epoch: held.epoch, reasons: [] };
  moves(teller, command, { packet: { id: packet.id } });
  const key = `complete-${held.epoch}`;
  teller.evidence.keys.push({ route: "complete", key, run_id: null });
  const said = { result, packet: packet.hash, besides };
  return say(teller, { op: "complete", ...held, key, ...said }, { answer: key, verdict: result });
}

/** The row as the events make it, and all in one. */
export function finished(teller: Teller, state: RunRow["state"] = "completed"): Story {
  const { task, life, evidence, calls } = teller;
  const { limits, lease: _, block: __, due_at, ...counts } = task;
  const max = { max_failures: limits.attempts, max_crashes: limits.crashes, max_rejections: limits.rejections };
  const rest = { run_id: RUN, project_id: "project", dispatch: life.events.length, due_at: new Date(due_at) };
  life.task = { ...counts, ...max, ...rest, lease_id: null, block_kind: null } as unknown as TaskRow;
  evidence.lives.push(life);
  evidence.runs.push({ id: RUN, state } as RunRow);
  return { calls, evidence, life };
}
