/** Accepting a handoff by hand: a claim of exactly its task, by the rules of pulling. Drives nothing further. */
import { type Claimed, claimTask, isDuplicate, newId, taskOf } from "@baton/db";
import { decide, type Handoff, isOpen, isStage, ok, type Result, refused } from "@baton/domain";
import type { AcceptedHandoff, AcceptHandoff } from "@baton/domain/api";
import { claimView } from "./claim-view.ts";
import { type FoundHandoff, findHandoff, handoffView, NO_HANDOFF } from "./handoffs.ts";
import type { OpenLine } from "./line.ts";
import { problemOf, TRIES } from "./move.ts";
import { newestTicket } from "./newest-ticket.ts";
import type { Principal } from "./principal.ts";
import { claimedBefore, leased, type Pulled } from "./pull.ts";
import { withheld } from "./withheld.ts";

type Input = AcceptHandoff & { id: string };

export interface Accepted {
  /** False when a repeated claim_id got its lease again. */
  fresh: boolean;
  value: AcceptedHandoff;
}

const CHANGED = "The task changed again and again meanwhile. Repeat the call.";

/** Nothing may have happened to the task since it was looked at: who loses that race looks again, and then is told why. */
export async function acceptHandoff(line: OpenLine, who: Principal, input: Input): Promise<Result<Accepted>> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    // First the lease, then the handoff: a lease that is there is seen in what is read after it.
    const again = await claimedBefore(line, who, input.claim_id);
    const found = await findHandoff(line, who, input.id);
    if (found === null) return NO_HANDOFF;
    if (again) return repeated(line, who, again, found);
    const no = await refusalOf(line, who, found);
    // Between the two looks the same call, sent twice, may have been given the lease: that is seen at the next look.
    if (no && (await claimedBefore(line, who, input.claim_id))) continue;
    if (no) return no;
    const row = await claim(line, who, input, found);
    if (row === null) {
      const kept = await keptFrom(line, found, input);
      if (kept) return kept;
      continue;
    }
    // Its own ticket is of no use to anyone now; one that it shares stays, for the others.
    line.withdraw(newestTicket(row));
    return accepted(line, who, await leased(line, row, true, row.lease_ms), input.id);
  }
  return refused("conflict", CHANGED);
}

/** The rule that keeps the ready task from this agent; null when there is none and it only changed meanwhile. */
async function keptFrom(line: OpenLine, { row }: FoundHandoff, { agent }: Input) {
  const reasons = (await withheld(line, row.id, agent)).filter(({ kind }) => kind !== "trigger");
  if (reasons.length === 0) return null;
  return refused("conflict", `The task is ready but not given: ${reasons.map(({ reason }) => reason).join("; ")}.`);
}

/** The same claim_id again: the same lease, if it is this handoff that it was given for. */
async function repeated(line: OpenLine, who: Principal, again: Result<Pulled>, { handoff }: FoundHandoff) {
  if (!again.ok) return again;
  if (handoff.lease_id === again.value.lease.id) return accepted(line, who, again.value, handoff.id);
  return refused("claim_id_used", "The claim_id belongs to another lease. Accept with a new claim_id.");
}

async function accepted(line: OpenLine, who: Principal, pulled: Pulled, id: string): Promise<Result<Accepted>> {
  const found = await findHandoff(line, who, id);
  if (found === null) throw new Error("an accepted handoff is gone");
  const view = await claimView(line, who, pulled);
  return ok({ fresh: pulled.fresh, value: { ...view, handoff: handoffView(found.handoff) } });
}

/** Why it cannot be accepted as things are; null when the database may be asked. */
async function refusalOf(line: OpenLine, who: Principal, { handoff, row, now }: FoundHandoff) {
  const { to_stage } = handoff;
  if (who.stages !== null && isStage(to_stage) && !who.stages.includes(to_stage)) {
    return refused("forbidden", `The token is limited to ${who.stages.join(", ")}; it may not claim ${to_stage}.`);
  }
  if (!isOpen(handoff)) return notOpen(handoff);
  const command = { name: "claim", lease_id: "", lease_s: 0, agent_id: "" } as const;
  const decision = decide(taskOf(row), command, now.getTime());
  if (!decision.ok) return { ok: false as const, problem: await problemOf(line, { row, now }, decision.refusal) };
  return row.held ? refused("run_closed", "The run is paused: it gives out no leases. Resume it first.") : null;
}

export function notOpen({ state, to_stage, reason }: Handoff) {
  const why = reason === null ? "" : ` (${reason.slice(0, 500).toWellFormed()})`;
  return refused("transition_not_allowed", `The handoff to ${to_stage} is ${state}${why}: it cannot be answered now.`);
}

/** Null when the task is not as it was seen, or somebody else used the claim_id at the same moment. */
async function claim(line: OpenLine, who: Principal, input: Input, { row }: FoundHandoff): Promise<Claimed | null> {
  const { claim_id, agent, lease_s } = input;
  try {
    return await claimTask(line.db, {
      ...{ lease_id: newId(), claim_id, lease_ms: lease_s * 1_000, token_id: who.token_id },
      ...{ workspace_id: who.workspace_id, task_id: row.id, seq: row.seq },
      ...{ agent_id: agent.id, agent_kind: agent.kind, agent_model: agent.model, agent_version: agent.version },
      credential: agent.credential,
    });
  } catch (error) {
    if (isDuplicate(error)) return null;
    throw error;
  }
}
