/** The relay: sends tickets that their own process did not send, and retries whose time has come. */
import { unsentTickets } from "@baton/db";
import type { OpenLine } from "./line.ts";
import { sendTickets } from "./reminder.ts";

const PAGE = 200;

/** Sends what is due, page by page; gives how many. Two relays may run: a ticket sent twice is one ticket. */
export async function relayTickets(line: OpenLine): Promise<number> {
  let sent = 0;
  for (;;) {
    const tickets = await unsentTickets(line.db, PAGE);
    if (tickets.length > 0) await sendTickets(line, tickets);
    sent += tickets.length;
    if (tickets.length < PAGE) return sent;
  }
}
