/** The reconciler: asks the queue whether the tickets of ready tasks are still there, and gives those that are gone a new one. */
import { type OutboxTicket, type PageEnd, readyTasksWithOldTicket, redispatch, type TaskRow } from "@baton/db";
import { ticketId } from "@baton/queue";
import type { OpenLine } from "./line.ts";
import { newestTicket } from "./newest-ticket.ts";

const PAGE = 500;
/** Pages looked at in one pass, so that a deep backlog does not keep it busy for ever. */
const PAGES = 40;
/** A younger ticket may still be on its way. */
const AGE_MS = 3_000;

export interface Reconciler {
  /** One pass; gives how many tickets were renewed. The next pass goes on where this one stopped. */
  tick(): Promise<number>;
}

export function openReconciler(line: OpenLine): Reconciler {
  let after: PageEnd | null = null;
  return {
    tick: async () => {
      let renewed = 0;
      for (let page = 0; page < PAGES; page += 1) {
        const rows = await readyTasksWithOldTicket(line.db, AGE_MS, PAGE, after);
        renewed += await renewLost(line, rows);
        const last = rows.at(-1);
        after = rows.length < PAGE || last === undefined ? null : { dispatched_at: last.dispatched_at, id: last.id };
        if (after === null) break;
      }
      return renewed;
    },
  };
}

async function renewLost(line: OpenLine, rows: readonly TaskRow[]): Promise<number> {
  const byTicket = new Map(rows.flatMap((row) => newestTicket(row).map((ticket) => [ticketId(ticket), row] as const)));
  if (byTicket.size === 0) return 0;
  const missing = await line.producer.missing(rows.flatMap(newestTicket));
  const lost = missing.flatMap((ticket) => byTicket.get(ticketId(ticket)) ?? []);
  const tickets = await redispatch(
    line.db,
    lost.map(({ id, seq, dispatch }) => ({ task_id: id, seq, dispatch })),
  );
  line.announce(tickets.map((ticket: OutboxTicket) => ({ row: null, ticket })));
  return tickets.length;
}
