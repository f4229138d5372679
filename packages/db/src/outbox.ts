/** Tickets that were committed and still have to be sent. Rows wait until they are sent, so nothing hangs on a remembered position. */

import type { Db } from "./client.ts";
import { sql } from "./drizzle.ts";
import { outbox } from "./schema/index.ts";
import { statement } from "./statements.ts";
import { counted, type OutboxTicket } from "./tickets.ts";

/** How long the process that committed a ticket has for sending it before a relay does. */
const FAST_PATH_MS = 1_000;

/** Tickets that are due and that their own process has not sent: the oldest `limit`. Of a bundle they may be a part. */
export async function unsentTickets(db: Db, limit: number): Promise<OutboxTicket[]> {
  const rows = await db.orm
    .select()
    .from(outbox)
    .where(sql`${outbox.not_before} <= now() and ${outbox.created_at} <= now() - ${FAST_PATH_MS} * interval '1 ms'`)
    .orderBy(outbox.not_before)
    .limit(limit);
  return rows.map(({ id, task_id, stage, visit, dispatch, bundle }) => ({
    outbox_id: id,
    task_id,
    stage,
    visit,
    dispatch,
    bundle,
  }));
}

const FORGET = { name: "baton_forget", text: "delete from outbox where id = any($1)" };

/** Forgets tickets that are in the queue now. Forgetting one twice, or sending one twice, is harmless. */
export async function forgetTickets(db: Db, outbox_ids: readonly number[]): Promise<void> {
  await db.run(FORGET, [outbox_ids]);
}

const REDISPATCH = statement("redispatch");

/** A task that was seen without its ticket, and the new one that it shares with others; its own when left out. */
export interface LostTicket {
  task_id: string;
  seq: number;
  dispatch: number;
  bundle?: string | undefined;
}

/** New tickets for tasks that lost theirs; those that moved in the meantime are left out. */
export async function redispatch(db: Db, lost: readonly LostTicket[]): Promise<OutboxTicket[]> {
  return counted(await db.run<OutboxTicket & Record<string, unknown>>(REDISPATCH, [JSON.stringify(lost)]));
}
