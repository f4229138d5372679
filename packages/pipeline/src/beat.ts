/** Heartbeats: a lease that still lives is extended, what its holder says is kept, and the holder is told what to do. */
import { type Alive, closeBudget, findLease, type HeartbeatRequest, heartbeat } from "@baton/db";
import {
  type Directive,
  directiveOf,
  type LeaseRef,
  lessMoney,
  type ProgressEvidence,
  progressMark,
  type Result,
  refused,
  type Usage,
} from "@baton/domain";
import { LOST, mayUse } from "./held.ts";
import type { Line } from "./line.ts";
import type { Principal } from "./principal.ts";

export interface Beat {
  directive: Directive;
  expires_at: Date;
  /** Null where the run has no budget. */
  budget_remaining: string | null;
  messages: Alive["messages"];
}

export interface BeatInput extends LeaseRef {
  usage?: Usage | undefined;
  progress?: string | undefined;
  evidence?: ProgressEvidence | undefined;
}

/** More are given with the next heartbeat. */
const MESSAGES = 20;

/** `hears`: somebody reads what is said to the holder. Without, messages stay for one that can read them. */
export interface HostedBeat extends LeaseRef {
  evidence: ProgressEvidence | null;
  hears: boolean;
}

/** A hosted worker's heartbeat; null when the lease is lost. */
export async function beatHosted(
  line: Line,
  workspace_id: string,
  { lease_id, epoch, evidence, hears }: HostedBeat,
): Promise<Beat | null> {
  const mark = evidence ? progressMark(null, evidence) : null;
  const alive = await keepAlive(line, { lease_id, epoch, workspace_id, mark, ...(hears && { messages: MESSAGES }) });
  return alive && beatOf(alive);
}

/** An agent's heartbeat. One whose task was cancelled is told so; any other lost lease is 410. */
export async function beat(line: Line, who: Principal, input: BeatInput): Promise<Result<Beat>> {
  const { lease_id, epoch, usage, progress, evidence } = input;
  const found = await findLease(line.db, who.workspace_id, lease_id);
  if (found === null || !mayUse(who, found.attempt)) return refused("not_found", "There is no such lease.");
  const mark = evidence && progressMark(found.attempt.progress_mark, evidence);
  const told = { usage, progress, mark, messages: MESSAGES };
  const alive = await keepAlive(line, { lease_id, epoch, workspace_id: who.workspace_id, ...told });
  return alive ? { ok: true, value: beatOf(alive) } : lostLease(line, who, input);
}

/** Every sign of life goes through here: the one that uses up a budget closes it. */
export async function keepAlive(line: Line, request: HeartbeatRequest): Promise<Alive | null> {
  const alive = await heartbeat(line.db, request);
  if (alive && !alive.over_budget && remainingOf(alive) === NOTHING_LEFT) await closeBudget(line.db, alive.run_id);
  return alive;
}

export function directiveFor({ held, deadline_in_ms, lease_ms, circuit_open, ...run }: Alive): Directive {
  const { budget_limit: limit, budget_spent: spent } = run;
  const budget = limit === null || spent === null ? null : { limit, spent };
  return directiveOf({ cancelled: false, paused: held, deadline_in_ms, lease_ms, circuit_open, budget });
}

function beatOf(alive: Alive): Beat {
  const { expires_at, messages } = alive;
  return { directive: directiveFor(alive), expires_at, budget_remaining: remainingOf(alive), messages };
}

const NOTHING_LEFT = "0.000000";

function remainingOf({ budget_limit, budget_spent }: Alive): string | null {
  return budget_limit === null || budget_spent === null ? null : lessMoney(budget_limit, budget_spent);
}

/** Looks once more: the task may have been cancelled since the first look. */
async function lostLease(line: Line, who: Principal, { lease_id, epoch }: LeaseRef): Promise<Result<Beat>> {
  const attempt = (await findLease(line.db, who.workspace_id, lease_id))?.attempt;
  if (attempt?.epoch === epoch && attempt.outcome === "cancel" && attempt.ended_at) {
    return {
      ok: true,
      value: { directive: "cancel", expires_at: attempt.ended_at, budget_remaining: null, messages: [] },
    };
  }
  return LOST;
}
