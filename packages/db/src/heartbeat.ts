/** Signs of life: the lease is extended, what the holder says is kept, and what it has to know comes back, in one statement. */
import type { AttemptDraft, Usage } from "@baton/domain";
import type { Db } from "./client.ts";
import { eq, sql } from "./drizzle.ts";
import { attempts } from "./schema/index.ts";
import { statement } from "./statements.ts";

export interface HeartbeatRequest {
  lease_id: string;
  workspace_id: string;
  epoch: number;
  usage?: Usage | undefined;
  /** What the agent says it is doing. */
  progress?: string | undefined;
  /** Changes when something is new of the work. */
  mark?: string | null | undefined;
  /** Takes the place of the draft that is there. */
  draft?: AttemptDraft | undefined;
  /** How many messages the holder can take; none when left out. */
  messages?: number;
}

/** A lease that lives, as it is now. */
export interface Alive {
  /** The database's clock. */
  now: Date;
  expires_at: Date;
  /** The run is paused. */
  held: boolean;
  lease_ms: number;
  deadline_in_ms: number | null;
  circuit_open: boolean;
  run_id: string;
  over_budget: boolean;
  /** USD with six digits; null where the run has no budget. */
  budget_limit: string | null;
  budget_spent: string | null;
  /** Given out now, oldest first. */
  messages: { id: string; text: string; author: string; created_at: string }[];
}

const HEARTBEAT = statement("heartbeat");

/** Null when the lease is lost: nothing was written. */
export async function heartbeat(db: Db, beat: HeartbeatRequest): Promise<Alive | null> {
  const { lease_id, workspace_id, epoch, usage = {}, progress, mark, draft } = beat;
  const { tokens_in, tokens_out, cost_usd, model } = usage;
  const rows = await db.run<Alive & Record<string, unknown>>(HEARTBEAT, [
    ...[lease_id, workspace_id, epoch],
    ...[tokens_in ?? null, tokens_out ?? null, cost_usd ?? null, model ?? null, progress ?? null],
    ...[mark ?? null, draft === undefined ? null : JSON.stringify(draft), beat.messages ?? 0],
  ]);
  return rows[0] ?? null;
}

/** Something new of the work lies in the database already: the second clock moves. */
export async function noteProgress(tx: Db, lease_id: string): Promise<void> {
  await tx.orm.update(attempts).set({ progress_at: sql`now()` }).where(eq(attempts.id, lease_id));
}

/** What changes a draft or completes its attempt comes one after the other. Ends with the transaction. */
export async function lockDraft(tx: Db, lease_id: string): Promise<void> {
  await tx.orm.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`draft ${lease_id}`}, 0))`);
}
