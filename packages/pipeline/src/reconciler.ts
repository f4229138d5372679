/** The reconciler: asks the queue whether the tickets of ready tasks are still there, and gives those that are gone a new one. */
import { type OutboxTicket, type PageEnd, readyTasksWithOldTicket, redispatch, type TaskRow } from "@baton/db";
import { ticketId } from "@baton/queue";
import { inBundles } from "./bundles.ts";
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
  if (rows.length === 0) return 0;
  const missing = new Set((await line.producer.missing(rows.flatMap(newestTicket))).map(ticketId));
  const lost = rows.filter((row) => newestTicket(row).some((ticket) => missing.has(ticketId(ticket))));
  // Only tasks that hosted workers may have come here.
  const bundled = inBundles(lost, ({ run_id, stage }) => `${run_id} ${stage}`);
  const tickets = await redispatch(
    line.db,
    bundled.map(({ id, seq, dispatch, bundle }) => ({ task_id: id, seq, dispatch, bundle })),
  );
  line.announce(tickets.map((ticket: OutboxTicket) => ({ row: null, ticket })));
  return tickets.length;
}
