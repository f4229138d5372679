/** Tells the server of an attempt without a result: failed, waiting for a person, or given back. */
import type { Ended } from "@baton/agents";
import { cutText, type Fault, storableTail, type Usage } from "@baton/domain";
import type { ClaimedLease, ProblemView } from "@baton/domain/api";
import type { Outcome } from "./attempt.ts";
import type { Desk } from "./claim-next.ts";
import type { WorkEvent } from "./events.ts";
import type { Cut } from "./hold.ts";

type Tell = { ok: true } | { ok: false; status: number; problem: ProblemView };

export async function giveUp(desk: Desk, claimed: ClaimedLease, ended: Ended, cut: Cut | null): Promise<Outcome> {
  switch (ended.outcome) {
    case "fail":
      return failLease(desk, claimed, ended);
    case "block":
      // What only this machine lacks another one may have: the task goes on without us.
      if (ended.where === "machine") {
        return failLease(desk, claimed, { fault: "environment", message: ended.reason, usage: {} });
      }
      return blockLease(desk, claimed, ended.reason);
    case "stopped":
      return releaseLease(desk, claimed, cut?.kind === "released" ? cut.why : "asked to end");
  }
}

interface Failure {
  fault: Fault;
  message: string;
  usage: Usage;
  quota?: true;
  retry_after_s?: number;
}

export async function failLease(desk: Desk, claimed: ClaimedLease, failure: Failure): Promise<Outcome> {
  const { fault, usage, quota, retry_after_s } = failure;
  const message = storableTail(failure.message, 9_000).trim() || "no reason was given";
  const { id, epoch } = claimed.lease;
  if (Object.keys(usage).length > 0) {
    // Work that failed was paid for all the same.
    await told(desk, (signal) =>
      desk.client.call("heartbeat", { params: { id }, body: { epoch, usage }, idempotency_key: `usage-${id}`, signal }),
    );
  }
  const error = { message, fault, ...(quota && { quota }), ...(retry_after_s !== undefined && { retry_after_s }) };
  const answer = await told(desk, (signal) =>
    desk.client.call("fail", { params: { id }, body: { epoch, error }, idempotency_key: `end-${id}`, signal }),
  );
  const facts = { quota: quota ?? false, retry_after_s: retry_after_s ?? null };
  const event = { event: "failed" as const, task_id: claimed.task.id, fault, message, ...facts };
  return outcomeOf(desk, event, answer, { kind: "failed", stop: fault === "environment", ...facts });
}

async function blockLease(desk: Desk, claimed: ClaimedLease, why: string): Promise<Outcome> {
  const { id, epoch } = claimed.lease;
  const reason = cutText(storableTail(why, why.length), 2_000) || "no reason was given";
  const body = { epoch, kind: "needs_input" as const, reason };
  const answer = await told(desk, (signal) =>
    desk.client.call("block", { params: { id }, body, idempotency_key: `end-${id}`, signal }),
  );
  return outcomeOf(desk, { event: "blocked", task_id: claimed.task.id, reason }, answer, { kind: "blocked" });
}

async function releaseLease(
  desk: Desk,
  claimed: ClaimedLease,
  why: Extract<Cut, { kind: "released" }>["why"],
): Promise<Outcome> {
  const { id, epoch } = claimed.lease;
  const answer = await told(desk, (signal) =>
    desk.client.call("release", { params: { id }, body: { epoch }, idempotency_key: `end-${id}`, signal }),
  );
  return outcomeOf(desk, { event: "released", task_id: claimed.task.id, why }, answer, { kind: "released" });
}

/** How long it is tried when we have been asked to end: the lease ends by itself. */
const LAST_WORDS_MS = 10_000;

/** Null when it could not be told in time. */
async function told<A extends Tell>(desk: Desk, call: (signal: AbortSignal) => Promise<A>): Promise<A | null> {
  const late = new AbortController();
  const hurry = () => setTimeout(() => late.abort(new Error("asked to end")), LAST_WORDS_MS).unref();
  desk.stop.addEventListener("abort", hurry, { once: true });
  if (desk.stop.aborted) hurry();
  try {
    return await desk.patience.untilAnswered(call, late.signal);
  } catch (error) {
    if (!late.signal.aborted) throw error;
    desk.say({ event: "note", text: "the server could not be told in time: the lease ends by itself" });
    return null;
  } finally {
    desk.stop.removeEventListener("abort", hurry);
  }
}

/** What was meant, and said so, where the server took it or could not be asked; else what its refusal comes to. */
export function outcomeOf(
  { say }: Desk,
  event: Extract<WorkEvent, { event: "failed" | "blocked" | "released" | "thrown_away" }>,
  answer: Tell | null,
  meant: Outcome,
): Outcome {
  if (answer === null || answer.ok) {
    say(event);
    return meant;
  }
  const { status, problem } = answer;
  if (status !== 410 && status !== 404) return { kind: "refused", problem };
  say({ event: "thrown_away", task_id: event.task_id, why: problem.detail });
  return { kind: "thrown_away" };
}
