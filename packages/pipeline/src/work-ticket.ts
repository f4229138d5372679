/** What a hosted worker does when a ticket says "look", in order: claim, keep the lease, work, report. What the work itself is comes from the caller. */
import { setTimeout as sleep } from "node:timers/promises";
import { findLease, isAway } from "@baton/db";
import {
  cutText,
  type Fault,
  faultOfBroken,
  type Problem,
  type ProgressEvidence,
  type Result,
  storableTail,
  type Usage,
} from "@baton/domain";
import type { Ticket } from "@baton/queue";
import type { Beat } from "./beat.ts";
import { completeAttempt, type Work } from "./complete.ts";
import { blockAttempt, failAttempt, releaseAttempt } from "./give-back.ts";
import { type Held, nowBy } from "./held.ts";
import { type Assignment, claimTicket, type HostedAgent } from "./hosted.ts";
import { keepLease } from "./keep-lease.ts";
import type { OpenLine } from "./line.ts";
import { seenAtClaim } from "./look-at-handoff.ts";
import { offerNext } from "./offer-next.ts";

/** Work that was carried out, with its evidence. The verdict is computed from it. */
export interface HostedDone extends Work {
  outcome: "done";
}

/** How the work of a hosted attempt ended. `stopped`: the signal fired. */
export type HostedResult =
  | HostedDone
  | { outcome: "fail"; fault: Fault; message: string; usage: Usage }
  | { outcome: "block"; kind: "needs_input"; reason: string }
  | { outcome: "stopped" };

export interface HostedWorker {
  agent: HostedAgent;
  lease_ms: number;
  /** Fires when the process shuts down: running work stops and is given back. */
  shutdown: AbortSignal;
  work(assignment: Assignment, signal: AbortSignal): Promise<HostedResult>;
  /** What is to be seen of the work while it goes on; called now and then, and must be safe to leave out. */
  look?(assignment: Assignment): Promise<ProgressEvidence | null>;
  /** What is told of each heartbeat's answer; null when nobody of this work hears anything. */
  listener?(assignment: Assignment): ((beat: Beat) => Promise<void>) | null;
  /** Called when a `done` was accepted; what it does must be safe to leave out. */
  accepted?(assignment: Assignment, result: HostedDone): Promise<void>;
}

/** What was begun with a ticket's look. */
export interface Begun {
  assignment: Assignment;
  /** Gives in a word what came of it. */
  work: Promise<string>;
}

/** A look for one task: null when there is none. The work goes on afterwards. */
export async function lookForWork(line: OpenLine, ticket: Ticket, worker: HostedWorker): Promise<Begun | null> {
  if (worker.shutdown.aborted) return null;
  const assignment = await claimTicket(line, ticket, worker.agent, worker.lease_ms);
  return assignment && { assignment, work: workOn(line, assignment, worker) };
}

async function workOn(line: OpenLine, assignment: Assignment, worker: HostedWorker): Promise<string> {
  const { row, lease } = assignment.held;
  const { lease_ms } = assignment.claimed;
  const keeping = { ...lease, workspace_id: row.workspace_id, lease_ms, left_ms: leftOf(assignment) };
  const hear = worker.listener?.(assignment);
  const kept = keepLease(line, keeping, worker.shutdown, {
    ...(worker.look && { look: async () => (await worker.look?.(assignment)) ?? null }),
    ...(hear && { hear }),
  });
  try {
    const result = await attempted(worker, assignment, kept.signal);
    return await untilAnswered(kept.signal, () => report(line, worker, assignment, result));
  } finally {
    kept.stop();
    await offerNext(line, assignment).catch(line.onError);
  }
}

/** Of a lease, in ms. The way to it may have been long: an answer that was lost, a database that was away. */
function leftOf({ held, claimed }: Assignment): number {
  return (claimed.lease_expires_at?.getTime() ?? 0) - nowBy(held);
}

/** Work that throws is a bug or a broken machine: the worker's fault, not the task's. */
async function attempted(worker: HostedWorker, assignment: Assignment, signal: AbortSignal): Promise<HostedResult> {
  if (signal.aborted) return { outcome: "stopped" };
  try {
    return await worker.work(assignment, signal);
  } catch (error) {
    if (signal.aborted) return { outcome: "stopped" };
    return { outcome: "fail", fault: "worker", message: `the worker broke: ${messageOf(error)}`, usage: {} };
  }
}

/** Between two tries to report to a database that is away. */
const AGAIN_MS = 500;

/** A database that is away for a moment must not cost the work: it is told again for as long as the lease may live. */
async function untilAnswered(signal: AbortSignal, tell: () => Promise<string>): Promise<string> {
  for (;;) {
    try {
      return await tell();
    } catch (error) {
      if (!isAway(error) || signal.aborted) throw error;
      await sleep(AGAIN_MS, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function report(
  line: OpenLine,
  worker: HostedWorker,
  assignment: Assignment,
  result: HostedResult,
): Promise<string> {
  const { held } = assignment;
  switch (result.outcome) {
    case "done": {
      return completeHosted(line, worker, assignment, result);
    }
    case "fail":
      return said("fail", await failAttempt(line, held, result, result.usage));
    case "block":
      return said("block", await blockAttempt(line, held, result));
    case "stopped":
      return said("release", await releaseAttempt(line, held));
  }
}

/** A handoff that does not keep its contract is a failed attempt that says why: nobody is there any more to mend it. */
async function completeHosted(
  line: OpenLine,
  worker: HostedWorker,
  assignment: Assignment,
  result: HostedDone,
): Promise<string> {
  const { held, context } = assignment;
  const seen = held.has_put ? undefined : await seenAtClaim(context, result.packet);
  const done = await completeAttempt(line, held, { seen, ...result }, context.project.settings.findings);
  const accepted = async (verdict: string) => {
    await worker.accepted?.(assignment, result);
    return verdict;
  };
  if (done.ok) return accepted(done.value.verdict);
  const { code } = done.problem;
  const before = code === "lease_lost" ? await verdictOf(line, held) : null;
  if (before !== null) return accepted(before);
  if (code !== "contract_violated") return code;
  const fault = faultOfBroken(context.contract.definition);
  const failure = { fault, message: violationsIn(done.problem) };
  return said("fail", await failAttempt(line, held, failure, result.usage));
}

/** A lease that has ended with a verdict was ended by us: the answer was lost on the way. */
async function verdictOf(line: OpenLine, { row, lease }: Held): Promise<string | null> {
  const outcome = (await findLease(line.db, row.workspace_id, lease.lease_id))?.attempt.outcome;
  return outcome === "pass" || outcome === "reject" ? outcome : null;
}

function violationsIn({ detail, errors = [] }: Problem): string {
  const problems = errors.map((error) => `${error.pointer} ${error.detail}`).join("\n");
  return cutText(`${detail}\n${problems}`, 8_000);
}

function said(word: string, ended: Result<unknown>): string {
  return ended.ok ? word : ended.problem.code;
}

function messageOf(error: unknown): string {
  return storableTail(error instanceof Error ? error.message : String(error), 2_000);
}
