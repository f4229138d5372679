/** A pulling agent's claim: the best ready task of its stages, the same lease again for a repeated claim_id, and what to say when there is nothing. */
import {
  type AttemptRow,
  type BestClaim,
  type Claimed,
  claimBest,
  claimBestLimited,
  contextsOf,
  findClaim,
  isDuplicate,
  type Nothing,
  newId,
  type TaskContext,
  type TaskRow,
  whyNothing,
} from "@baton/db";
import { isStage, ok, type Result, refused, type Stage } from "@baton/domain";
import type { EmptyReason } from "@baton/domain/api";
import type { Line, OpenLine } from "./line.ts";
import { newestTicket } from "./newest-ticket.ts";
import type { Principal } from "./principal.ts";

export interface PullInput {
  claim_id: string;
  stages: readonly Stage[];
  agent: {
    id: string;
    kind?: string | undefined;
    model?: string | undefined;
    version?: string | undefined;
    credential?: string | undefined;
  };
  lease_s: number;
}

export interface Pulled {
  kind: "leased";
  /** False when a repeated claim_id got its lease again. */
  fresh: boolean;
  row: TaskRow;
  lease: Pick<AttemptRow, "id" | "stage" | "visit" | "attempt" | "epoch" | "lease_ms"> & { expires_at: Date };
  context: TaskContext;
}

/** `for_others`: something is ready that another agent might be given. */
export type PullAnswer = Pulled | { kind: "none"; reason: EmptyReason; for_others: boolean };

export async function pull(line: OpenLine, who: Principal, input: PullInput): Promise<Result<PullAnswer>> {
  const forbidden = input.stages.find((stage) => who.stages !== null && !who.stages.includes(stage));
  if (forbidden)
    return refused("forbidden", `The token is limited to ${who.stages?.join(", ")}; it may not claim ${forbidden}.`);
  const row = await claim(line, who, input);
  if (row === "duplicate" || ("ready" in row && row.claimed)) {
    return (await claimedBefore(line, who, input.claim_id)) ?? refused("conflict", CLAIMING);
  }
  if ("ready" in row) return ok({ kind: "none", reason: reasonOf(row), for_others: row.ready });
  // Its own ticket is of no use to anyone now; one that it shares stays, for the others.
  line.withdraw(newestTicket(row));
  return ok(await leased(line, row, true, row.lease_ms));
}

const CLAIMING =
  "Another claim with this claim_id is being made. Repeat this one in a moment: it is given the same lease.";

/** A lease, or why there is none. Claims that have to go one after the other are made only where a limit asks for it. */
async function claim(line: OpenLine, who: Principal, input: PullInput): Promise<Claimed | Nothing | "duplicate"> {
  const { stages, agent } = input;
  const asked = requestOf(who, input);
  try {
    const claimed = await claimBest(line.db, asked);
    if (claimed !== null) return claimed;
    const why = await whyNothing(line.db, { ...who, stages, credential: agent.credential, claim_id: input.claim_id });
    return (why.limited && (await claimBestLimited(line.db, asked))) || why;
  } catch (error) {
    if (isDuplicate(error)) return "duplicate";
    throw error;
  }
}

function requestOf(who: Principal, { claim_id, stages, agent, lease_s }: PullInput): BestClaim {
  return {
    ...{ lease_id: newId(), claim_id, workspace_id: who.workspace_id, token_id: who.token_id },
    ...{ stages: [...new Set(stages)], lease_ms: lease_s * 1_000 },
    ...{ agent_id: agent.id, agent_kind: agent.kind, agent_model: agent.model, agent_version: agent.version },
    credential: agent.credential,
  };
}

/** The one that the agent can do least about comes first. */
function reasonOf({ quota, budget, full, paused }: Nothing): EmptyReason {
  if (quota) return "quota";
  if (budget) return "budget";
  if (full) return "capacity";
  return paused ? "paused" : "empty";
}

/** A lost answer is asked for again with the same claim_id: the lease is still there. */
export async function claimedBefore(line: OpenLine, who: Principal, claim_id: string): Promise<Result<Pulled> | null> {
  const found = await findClaim(line.db, who.workspace_id, claim_id);
  if (found === null) return null;
  const { attempt, task, now } = found;
  const lives = attempt.ended_at === null && task.lease_expires_at !== null && task.lease_expires_at > now;
  if (!lives || attempt.token_id !== who.token_id) {
    return refused("claim_id_used", "The claim_id belongs to a lease that has ended. Claim again with a new claim_id.");
  }
  return ok(await leased(line, task, false, attempt.lease_ms));
}

export async function leased(line: Line, row: TaskRow, fresh: boolean, lease_ms: number): Promise<Pulled> {
  const context = (await contextsOf(line.db, [row.id])).get(row.id);
  if (context === undefined || row.lease_id === null || row.lease_expires_at === null || !isStage(row.stage)) {
    throw new Error("a leased task has no lease or no texts");
  }
  const { lease_id: id, stage, visit, attempt, epoch, lease_expires_at: expires_at } = row;
  return { kind: "leased", fresh, row, lease: { id, stage, visit, attempt, epoch, lease_ms, expires_at }, context };
}
