/** THE writer: every change of a task's state goes through the one statement in `sql/apply.sql`, alone or in a batch. */
import {
  type CommandName,
  type EnrichedPacket,
  type Finding,
  type Outcome,
  type Task,
  type TaskEvent,
  TRANSITIONS,
  type Usage,
} from "@baton/domain";
import type { Db } from "./client.ts";
import { newId } from "./ids.ts";
import type { MovedRow, TaskRow } from "./rows.ts";
import { statement } from "./statements.ts";
import { counted, type OutboxTicket, ticketOf } from "./tickets.ts";

/** A decided change of one task, with everything that has to be written with it. */
export interface Change {
  command: CommandName;
  /** The task that was decided on: the row must still be this one. */
  before: Task;
  after: Task;
  event: TaskEvent;
  /** Who did it: an agent's id, a token's name, or `baton`. */
  actor: string;
  /** How the open attempt ends, when there is one. */
  attempt?: { outcome: Outcome; fault?: string; fault_fingerprint?: string; message?: string; usage?: Usage };
  packet?: NewPacket;
  findings?: readonly Finding[];
  /** The artifacts that go on with the packet, as they were checked. */
  transfers?: readonly Transfer[];
  /** The ticket that this task shares with others; its own when left out. */
  bundle?: string | undefined;
}

/** An artifact of the attempt, read again for the next stage. */
export interface Transfer {
  artifact_id: string;
  /** SHA-256 in hex of the bytes as they were read. */
  transfer_checksum: string;
  /** Null for the contract that ships with the product. */
  contract_id: string | null;
  /** Null when no schema was asked of it. */
  schema_valid: boolean | null;
}

/** A packet to be written. Its times are the database's: it starts with the attempt and is completed by this change. */
export interface NewPacket extends Omit<EnrichedPacket, "summary_cut"> {
  id: string;
  phase: string;
  status: "completed" | "rejected";
  agent_id: string;
  agent_type: string;
  agent_name: string;
  started_at: Date | null;
  input_context: Record<string, unknown>;
  rejection_reason: string | null;
}

/** What became of a change: the row as it is now, or `null` when its guard said no and nothing was written. */
export interface Applied {
  row: TaskRow;
  /** Null when no ticket was due at once. */
  ticket: OutboxTicket | null;
}

const APPLY = statement("apply");

/** Applies the changes in one statement and answers each in its place. All are written or, on an error, none. */
export async function apply(db: Db, changes: readonly Change[]): Promise<(Applied | null)[]> {
  // In the order of their ids, in which others lock them too: two statements seldom wait for each other then.
  const records = changes.map(toRecord).sort((a, b) => (a.task_id < b.task_id ? -1 : 1));
  const moved = await db.run<MovedRow>(APPLY, [JSON.stringify(records)]);
  const tickets = counted(moved.map(ticketOf));
  const answers = changes.map((): Applied | null => null);
  for (const [n, row] of moved.entries()) answers[row.i] = { row, ticket: tickets[n] ?? null };
  return answers;
}

/** One element of the statement's JSON argument; the names are those of its record. */
function toRecord(change: Change, i: number) {
  const { before, after, event, attempt } = change;
  const leaves: readonly string[] = TRANSITIONS[change.command].leaves;
  return {
    i,
    ...{ task_id: before.id, epoch: before.epoch, seq: before.seq },
    ...{ needs: TRANSITIONS[change.command].needs, lease_id: before.lease?.id, actor: change.actor },
    ...{ type: event.type, from_stage: event.from_stage, from_state: event.from_state },
    ...{ to_stage: event.to_stage, to_state: event.to_state, charged: event.charged, data: event.data },
    ...{ visit: after.visit, attempt: after.attempt },
    ...{ failures: after.failures, crashes: after.crashes, rejections: after.rejections },
    delay_ms: event.data.delay_ms ?? 0,
    ticket: after.state === "pending" && leaves.some((item) => item.startsWith("ticket")),
    bundle: change.bundle,
    ...{ block_kind: after.block?.kind, block_reason: after.block?.reason, block_until: iso(after.block?.until) },
    ...{ outcome: attempt?.outcome, fault: attempt?.fault, message: attempt?.message },
    fault_fingerprint: attempt?.fault_fingerprint,
    ...attempt?.usage,
    packet: change.packet,
    findings: change.findings?.map((finding) => ({ ...finding, id: newId() })),
    transfers: change.transfers?.length ? change.transfers : undefined,
  };
}

function iso(millis: number | null | undefined): string | null {
  return millis === null || millis === undefined ? null : new Date(millis).toISOString();
}
