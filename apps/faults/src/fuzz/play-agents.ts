/** The steps of agents: claims, and what a holder does with its lease. */
import { setTimeout as pause } from "node:timers/promises";
import type { Command, Decision } from "@baton/domain";
import type { ClaimedLease, TaskView } from "@baton/domain/api";
import { type Told, Unexpected } from "./desk.ts";
import { type Game, good, refusedWith, same } from "./game.ts";
import { claimable, type Model, type ModelLease, step } from "./model.ts";
import type { StepBy } from "./steps.ts";

const DISTURBED_MS = 1_000;
const PATIENCE_MS = 3_000;

export async function claimed(game: Game, { agent, stages }: StepBy<"claimer">): Promise<void> {
  const { desk, model } = game;
  const claim_id = crypto.randomUUID();
  const body = { claim_id, stages, agent: { id: agent }, lease_s: 1_800 };
  const until = performance.now() + PATIENCE_MS;
  for (;;) {
    const told = await desk.call("claim", { body });
    const may = claimable(model, agent, stages, Date.now());
    if (told.status === 204 && !may.must) return;
    // Its row may still be locked by what was refused just before.
    if (told.status === 204 && performance.now() < until) {
      await pause(50);
      continue;
    }
    if (told.status === 204) throw new Unexpected(`nothing is given, and ${may.allowed[0]} is ready`);
    return given(game, good(told) as ClaimedLease, {
      agent,
      claim_id,
      status: told.status,
      allowed: may.allowed,
    });
  }
}

interface Expected {
  agent: string;
  claim_id: string;
  status: number;
  allowed: string[];
}

function given(game: Game, { lease, task }: ClaimedLease, { agent, claim_id, status, allowed }: Expected): void {
  const { model } = game;
  const calm = Date.now() - game.disturbed_at > DISTURBED_MS;
  if (status !== 201) throw new Unexpected(`a new claim is told ${status}`);
  if (calm && !allowed.includes(lease.task_id)) {
    throw new Unexpected(`task ${lease.task_id} is given, the model allows ${allowed.join(", ") || "none"}`);
  }
  const command: Command = { name: "claim", lease_id: lease.id, lease_s: 1_800, agent_id: agent };
  allow(step(model, lease.task_id, command, Date.now()));
  if (model.tasks.get(lease.task_id)?.task.epoch !== lease.epoch) throw new Unexpected(`the epoch is ${lease.epoch}`);
  const { id: lease_id, epoch, task_id } = lease;
  model.leases.push({ lease_id, epoch, task_id, agent, claim_id, rejecting: 0, cancelled: false });
  same(model, task);
}

function allow(decision: Decision): void {
  if (!decision.ok) throw new Unexpected(`is allowed, the model says ${decision.refusal.code}`);
}

export async function claimedAgain(game: Game, { agent, stages, again = 0 }: StepBy<"claimer">): Promise<void> {
  const lease = leaseAt(game.model, again);
  const body = { claim_id: lease.claim_id, stages, agent: { id: agent }, lease_s: 1_800 };
  const told = await game.desk.call("claim", { body });
  game.disturbed_at = Date.now();
  const lives = game.model.tasks.get(lease.task_id)?.task.lease?.id === lease.lease_id;
  if (!lives) return refusedWith(told, "claim_id_used");
  const { lease: heard } = good(told) as ClaimedLease;
  if (told.status !== 200 || heard.id !== lease.lease_id || heard.epoch !== lease.epoch) {
    throw new Unexpected(`a repeated claim is told ${told.status} ${heard.id}`);
  }
}

function leaseAt({ leases }: Model, back: number): ModelLease {
  const lease = leases[leases.length - 1 - (back % leases.length)];
  if (lease === undefined) throw new Error("there is no lease");
  return lease;
}

let findings = 0;

/** Letters only: numbers do not make another finding. */
function newTitle(): string {
  findings += 1;
  return `finding ${Array.from(String(findings), (digit) => "abcdefghij"[Number(digit)]).join("")}`;
}

export async function held(game: Game, one: StepBy<"holder">): Promise<void> {
  const { desk, model } = game;
  const lease = leaseAt(model, one.lease);
  const epoch = lease.epoch + (one.wrong_epoch ? 1 : 0);
  const [name, body] = callOf(one);
  const told = await desk.call(
    name,
    { params: { id: lease.lease_id }, body: { epoch, ...body } },
    one.stranger ? game.stranger : undefined,
  );
  if (one.stranger) return refusedWith(told, "not_found");
  if (one.do === "heartbeat") return beaten(game, lease, epoch, told);
  const command = commandOf(one, lease, epoch);
  if (command === null) return found(game, lease, epoch, told, one.severity);
  const decision = step(model, lease.task_id, command, Date.now());
  if (!decision.ok) return refusedWith(told, decision.refusal.code);
  const { task, verdict } = good(told) as { task: TaskView; verdict?: string };
  const moved = model.tasks.get(lease.task_id);
  if (one.do === "fail" && moved) moved.task.due_at = Date.parse(task.due_at);
  if (verdict !== undefined && verdict !== command.name)
    throw new Unexpected(`the verdict is ${verdict}, not ${command.name}`);
  same(model, task);
}

const PACKET = { output_summary: "did it" };

function callOf({ do: what, fault, severity }: StepBy<"holder">) {
  switch (what) {
    case "pass":
    case "reject":
      return ["complete", { result: what, packet: PACKET }] as const;
    case "fail":
      return ["fail", { error: { message: "no", fault } }] as const;
    case "block":
      return ["block", { kind: "needs_input", reason: "a question" }] as const;
    case "findings":
      return ["addFindings", { findings: [{ title: newTitle(), severity }] }] as const;
    case "release":
    case "heartbeat":
      return [what, {}] as const;
  }
}

/** What was found before can make a pass a rejection. */
function commandOf(
  { do: what, fault }: StepBy<"holder">,
  { lease_id, rejecting }: ModelLease,
  epoch: number,
): Command | null {
  const held_by = { lease_id, epoch };
  if (what === "pass" || what === "reject") {
    return { name: what === "reject" || rejecting > 0 ? "reject" : "pass", reasons: [], ...held_by };
  }
  if (what === "fail") {
    return { name: "fail", fault: fault === "task" ? "task" : "provider", message: "no", random: 0, ...held_by };
  }
  if (what === "block") return { name: "block", kind: "needs_input", reason: "a question", ...held_by };
  return what === "release" ? { name: "release", ...held_by } : null;
}

const lives = ({ tasks }: Model, lease: ModelLease, epoch: number) =>
  epoch === lease.epoch && tasks.get(lease.task_id)?.task.lease?.id === lease.lease_id;

function beaten({ model }: Game, lease: ModelLease, epoch: number, told: Told): void {
  const taken_away = lease.cancelled && epoch === lease.epoch;
  if (!lives(model, lease, epoch) && !taken_away) return refusedWith(told, "lease_lost");
  const wanted = taken_away ? "cancel" : model.state === "paused" ? "pause" : "continue";
  const { directive } = good(told) as { directive: string };
  if (directive !== wanted) throw new Unexpected(`the directive is ${directive}, not ${wanted}`);
}

function found({ model }: Game, lease: ModelLease, epoch: number, told: Told, severity: string): void {
  if (!lives(model, lease, epoch)) return refusedWith(told, "lease_lost");
  good(told);
  if (severity === "critical") lease.rejecting += 1;
}
