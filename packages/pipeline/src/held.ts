/** A task in the hands of a lease holder, as its verbs need it: from the claim itself (hosted workers) or looked up by the lease's id (HTTP). */
import {
  type Applied,
  type AttemptRow,
  type Change,
  closeBudget,
  findLease,
  findPacket,
  type TaskRow,
  taskOf,
} from "@baton/db";
import {
  type AttemptDraft,
  type Command,
  decide,
  type LeaseRef,
  type Result,
  refused,
  type Usage,
} from "@baton/domain";
import { sharedBy } from "./bundles.ts";
import type { Line } from "./line.ts";
import type { Principal } from "./principal.ts";

export interface Held {
  row: TaskRow;
  lease: LeaseRef;
  agent: { id: string; kind: string | null };
  started_at: Date;
  /** The packet the work started from. */
  source: { id: string; phase: string } | null;
  /** The database's clock, when the task was read, and `performance.now()` then: a hosted attempt may be read hours before it ends. */
  now: Date;
  read_at: number;
  /** Set when an artifact was put by this holder. A hosted worker that has put none is not asked again what it left. */
  has_put?: boolean;
  /** What the agent pays with, when it has said so. */
  credential?: string | null;
  /** What it has said so far. */
  draft?: AttemptDraft | null;
  /** What it has told of its cost so far, in heartbeats. */
  told?: Usage;
  /** The stages of its project that hosted workers serve; set only where the holder is a hosted worker. */
  hosted?: readonly string[];
}

/** The database's clock by now, in ms since 1970. What was read says nothing of heartbeats since, so a lease is judged by `now`. */
export function nowBy({ now, read_at }: Pick<Held, "now" | "read_at">): number {
  return now.getTime() + Math.round(performance.now() - read_at);
}

/** A command of a holder without the lease that `endAttempt` adds to it. */
type HeldCommand = Command extends infer C
  ? C extends LeaseRef & { name: string }
    ? C extends { name: "claim" }
      ? never
      : Omit<C, keyof LeaseRef>
    : never
  : never;

export const LOST = refused("lease_lost", "The lease is not the current one: stop working. Nothing was changed.");

/** The lease by its id, if it is this caller's: agents use their own leases, admins any. */
export async function findHeld(line: Line, who: Principal, lease: LeaseRef): Promise<Result<Held>> {
  const found = await findLease(line.db, who.workspace_id, lease.lease_id);
  if (found === null || !mayUse(who, found.attempt)) return refused("not_found", "There is no such lease.");
  const { attempt, task: row, now } = found;
  if (attempt.ended_at !== null || attempt.epoch !== lease.epoch) return LOST;
  const packet = row.packet_id === null ? null : await findPacket(line.db, row.packet_id);
  return {
    ok: true,
    value: {
      row,
      lease,
      agent: { id: attempt.agent_id, kind: attempt.agent_kind },
      started_at: attempt.started_at,
      source: packet && { id: packet.id, phase: packet.phase },
      now,
      read_at: performance.now(),
      credential: attempt.credential,
      // As it was stored.
      draft: attempt.draft as AttemptDraft | null,
      told: toldBy(attempt),
    },
  };
}

function toldBy({ tokens_in, tokens_out, cost_usd, model }: AttemptRow): Usage {
  return {
    ...(tokens_in !== null && { tokens_in }),
    ...(tokens_out !== null && { tokens_out }),
    ...(cost_usd !== null && { cost_usd }),
    ...(model !== null && { model }),
  };
}

export function mayUse(who: Principal, attempt: AttemptRow): boolean {
  return who.role === "admin" || attempt.token_id === who.token_id;
}

/** Ends the attempt by a holder's command. The guard is in the statement: a lease lost in the meantime changes nothing. */
export async function endAttempt(
  line: Line,
  held: Held,
  command: HeldCommand,
  leaves: Pick<Change, "attempt" | "packet" | "findings" | "transfers">,
): Promise<Result<Applied>> {
  const before = taskOf(held.row);
  const whole = { ...command, ...held.lease } as Command;
  const decision = decide(before, whole, held.now.getTime());
  if (!decision.ok) {
    const { code, detail, allowed } = decision.refusal;
    return code === "lease_lost" ? LOST : refused(code, detail, { allowed });
  }
  const { task: after, event } = decision;
  const change: Change = { command: whole.name, before, after, event, actor: held.agent.id, ...leaves };
  // What is tried again waits first, each for a while of its own.
  const at_once = whole.name === "pass" || whole.name === "reject";
  const shared_by = at_once ? sharedBy(held.row.run_id, after.stage, held.hosted) : null;
  const applied = await line.write(change, shared_by);
  if (applied === null) return LOST;
  line.announce([applied]);
  // What a crash leaves undone here is done by the director.
  if (leaves.attempt?.usage?.cost_usd !== undefined) await closeBudget(line.db, held.row.run_id);
  return { ok: true, value: applied };
}
