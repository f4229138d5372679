/** Answering a handoff by hand: the stage that accepted it passes or rejects, exactly as its lease would. */
import { attemptAt } from "@baton/db";
import { isOpen, ok, type Result } from "@baton/domain";
import type { AnsweredHandoff, CompleteHandoff, FailHandoff } from "@baton/domain/api";
import { notOpen } from "./accept-handoff.ts";
import { type FoundHandoff, findHandoff, handoffView, NO_HANDOFF } from "./handoffs.ts";
import { LOST, mayUse } from "./held.ts";
import { completeLease } from "./leases.ts";
import type { Line } from "./line.ts";
import type { Principal } from "./principal.ts";

type WithId<T> = T & { id: string };

export async function completeHandoff(
  line: Line,
  who: Principal,
  { id, ...work }: WithId<CompleteHandoff>,
): Promise<Result<AnsweredHandoff>> {
  return answer(line, who, id, { ...work, result: "pass" });
}

/** Without a packet the reason is what there is to say. */
export async function failHandoff(
  line: Line,
  who: Principal,
  { id, packet, ...work }: WithId<FailHandoff>,
): Promise<Result<AnsweredHandoff>> {
  const nothing = { output_artifacts: [], output_decisions: [], output_metrics: {}, activity_log: [] };
  const draft = packet ?? { output_summary: work.reason, ...nothing };
  return answer(line, who, id, { ...work, packet: draft, result: "reject" });
}

type Work = Omit<Parameters<typeof completeLease>[2], "lease_id">;

/** The guard is the lease's own, in the committing statement: whatever happens after the look is refused there. */
async function answer(line: Line, who: Principal, id: string, work: Work): Promise<Result<AnsweredHandoff>> {
  const found = await findHandoff(line, who, id);
  if (found === null) return NO_HANDOFF;
  const lease_id = await leaseFor(line, who, found, work.epoch);
  if (!lease_id.ok) return lease_id;
  const done = await completeLease(line, who, { ...work, lease_id: lease_id.value });
  if (!done.ok) return done;
  const after = await findHandoff(line, who, id);
  if (after === null) throw new Error("an answered handoff is gone");
  return ok({ ...done.value, handoff: handoffView(after.handoff) });
}

/**
 * The caller's lease by its epoch. One that was lost is told so, whatever became of the handoff since: its holder has to
 * stop. Who has answered already, or holds the task for another handoff, learns how this one stands.
 */
async function leaseFor(
  line: Line,
  who: Principal,
  { handoff, row }: FoundHandoff,
  epoch: number,
): Promise<Result<string>> {
  if (handoff.state === "offered") return notOpen(handoff);
  const attempt = await attemptAt(line.db, row.id, epoch);
  if (attempt === null) return LOST;
  if (!mayUse(who, attempt)) return NO_HANDOFF;
  const { outcome } = attempt;
  if (outcome === null && attempt.id === handoff.lease_id) return ok(attempt.id);
  const answered = outcome === null || outcome === "pass" || outcome === "reject";
  return answered && !isOpen(handoff) ? notOpen(handoff) : LOST;
}
