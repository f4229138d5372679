/** The lease verbs as agents call them over HTTP: heartbeat, complete, fail, block, release. */
import { findPacket, findProject, lockDraft, wholeTask } from "@baton/db";
import { normaliseFinding, ok, type Result } from "@baton/domain";
import type {
  BlockLease,
  CompletedLease,
  CompleteLease,
  FailLease,
  Heartbeat,
  HeartbeatAnswer,
  ReleaseLease,
  TaskAnswer,
} from "@baton/domain/api";
import { beat } from "./beat.ts";
import { completeAttempt } from "./complete.ts";
import { blockAttempt, failAttempt, releaseAttempt } from "./give-back.ts";
import { findHeld, type Held } from "./held.ts";
import { inTransaction, type Line } from "./line.ts";
import type { SeenHandoff } from "./look-at-handoff.ts";
import type { Principal } from "./principal.ts";
import { taskView } from "./views.ts";

type WithLease<T> = T & { lease_id: string };

export async function heartbeatLease(
  line: Line,
  who: Principal,
  input: WithLease<Heartbeat>,
): Promise<Result<HeartbeatAnswer>> {
  const beaten = await beat(line, who, input);
  if (!beaten.ok) return beaten;
  const { directive, expires_at, budget_remaining, messages } = beaten.value;
  return ok({
    directive,
    expires_at: expires_at.toISOString(),
    ...(budget_remaining !== null && { budget_remaining }),
    messages: messages.map(({ id, text, author, created_at }) => ({ id, text, author, at: wireTime(created_at) })),
  });
}

/** JSON from the database writes times with an offset. */
function wireTime(time: string): string {
  return new Date(time).toISOString();
}

interface Completion extends WithLease<CompleteLease> {
  reason?: string;
  seen?: SeenHandoff | undefined;
}

/** In one transaction: findings that were added before count, and none is added while it is completed. */
export async function completeLease(line: Line, who: Principal, input: Completion): Promise<Result<CompletedLease>> {
  return inTransaction(line, async (tx) => {
    await lockDraft(tx.db, input.lease_id);
    return completeHeld(tx, who, input);
  });
}

async function completeHeld(line: Line, who: Principal, input: Completion): Promise<Result<CompletedLease>> {
  const held = await findHeld(line, who, input);
  if (!held.ok) return held;
  const told = input.findings.map((finding) => normaliseFinding(finding, "finding"));
  const findings = [...(held.value.draft?.findings ?? []), ...told];
  const project = findings.length > 0 ? await findProject(line.db, who.workspace_id, held.value.row.project_id) : null;
  const { result: claimed, reason, packet: draft, seen } = input;
  // What is not told now was told before: the packet says what the attempt cost, as the attempt does.
  const usage = { ...held.value.told, ...input.usage };
  const work = { claimed, reason, packet: draft, findings, checks: [], usage, seen };
  const done = await completeAttempt(line, held.value, work, project?.settings.findings ?? "packet");
  if (!done.ok) return done;
  const { verdict, reasons, warnings, packet_id } = done.value;
  const packet = await findPacket(line.db, packet_id);
  if (packet === null) throw new Error("a written packet is gone");
  const task = await taskAnswer(line, who, held.value);
  return ok({ ...task, packet: { ...packet, findings: done.value.findings }, verdict, reasons, warnings });
}

export async function failLease(line: Line, who: Principal, input: WithLease<FailLease>): Promise<Result<TaskAnswer>> {
  return end(line, who, input, (held) => failAttempt(line, held, input.error));
}

export async function blockLease(
  line: Line,
  who: Principal,
  input: WithLease<BlockLease>,
): Promise<Result<TaskAnswer>> {
  const until = input.until === undefined ? undefined : new Date(input.until);
  return end(line, who, input, (held) => blockAttempt(line, held, { ...input, until }));
}

export async function releaseLease(
  line: Line,
  who: Principal,
  input: WithLease<ReleaseLease>,
): Promise<Result<TaskAnswer>> {
  return end(line, who, input, (held) => releaseAttempt(line, held));
}

async function end(
  line: Line,
  who: Principal,
  input: { lease_id: string; epoch: number },
  verb: (held: Held) => Promise<Result<unknown>>,
): Promise<Result<TaskAnswer>> {
  const held = await findHeld(line, who, input);
  if (!held.ok) return held;
  const ended = await verb(held.value);
  return ended.ok ? ok(await taskAnswer(line, who, held.value)) : ended;
}

async function taskAnswer(line: Line, who: Principal, held: Held): Promise<TaskAnswer> {
  const whole = await wholeTask(line.db, who.workspace_id, held.row.id);
  if (whole === null) throw new Error("the task of a lease is gone");
  return { task: taskView(whole) };
}
