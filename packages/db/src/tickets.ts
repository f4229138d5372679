/** Tickets as they are committed with a change. */
import { isStage, type Stage } from "@baton/domain";
import type { MovedRow } from "./rows.ts";

/** A ticket that was committed with a change and may be sent now. */
export interface OutboxTicket {
  outbox_id: number;
  task_id: string;
  stage: Stage;
  visit: number;
  dispatch: number;
  /** Tickets of one bundle are one. */
  bundle: string | null;
  /** How many tasks share the bundle; left out where nobody has counted them. */
  stands_for?: number;
}

/** Null for a row without a ticket that is due. */
export function ticketOf(row: MovedRow): OutboxTicket | null {
  if (row.outbox_id === null || row.due_at > row.updated_at || !isStage(row.stage)) return null;
  const { id: task_id, stage, visit, dispatch, bundle, outbox_id } = row;
  return { outbox_id, task_id, stage, visit, dispatch, bundle };
}

/** The tickets of one statement, which writes bundles as a whole: each knows with how many it is one. */
export function counted<T extends OutboxTicket | null>(tickets: readonly T[]): T[] {
  const sizes = new Map<string | null | undefined, number>();
  for (const ticket of tickets) sizes.set(ticket?.bundle, (sizes.get(ticket?.bundle) ?? 0) + 1);
  return tickets.map((ticket) =>
    ticket === null || ticket.bundle === null ? ticket : { ...ticket, stands_for: sizes.get(ticket.bundle) },
  );
}
