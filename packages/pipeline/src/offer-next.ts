/** Where a project has a limit, tickets find it full and are dropped: whoever ends an attempt there gives the next task a new one. */
import { nextInRoom, redispatch } from "@baton/db";
import { capacityOf } from "@baton/domain";
import type { Assignment } from "./hosted.ts";
import type { OpenLine } from "./line.ts";

/** Attempts that end at the same moment find the same task, and only one of them renews its ticket: the others look again. */
const TRIES = 10;

/** Safe to leave out: the reconciler finds the task a few seconds later. */
export async function offerNext(line: OpenLine, { held, stage, context }: Assignment): Promise<void> {
  if (capacityOf(context.project.settings) === null) return;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const next = await nextInRoom(line.db, held.row.project_id, stage);
    if (next === null) return;
    const tickets = await redispatch(line.db, [next]);
    line.announce(tickets.map((ticket) => ({ row: null, ticket })));
    if (tickets.length > 0) return;
  }
}
