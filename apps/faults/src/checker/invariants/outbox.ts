/** I13: each event whose transition leaves a ticket had its row in the outbox, written with it; after healing none is unsent, and no ready task is without a ticket. */
import type { EventRow } from "@baton/db";
import { TRANSITIONS, type Transition } from "@baton/domain";
import type { Evidence, Invariant, Life } from "../evidence.ts";
import { found } from "../told.ts";

export const outboxIsEvents: Invariant = (_calls, evidence) =>
  found("outbox = events", [
    ...evidence.unsent.map((ticket) => `unsent after healing: ${ticket}`),
    ...(evidence.stranded ?? []).map((id) => `task ${id} is ready and its ticket is in no queue`),
    ...evidence.lives.flatMap(tooFew),
    ...withoutTicket(evidence),
  ]);

const LEAVES = new Set(
  Object.values(TRANSITIONS)
    .filter((row: Transition) => row.leaves.some((left) => left.startsWith("ticket")))
    .map((row) => row.event as string),
);

function leavesTicket({ type, to_state }: EventRow): boolean {
  return to_state === "pending" && LEAVES.has(type);
}

/** Each ticket has a number of its own: there are at least as many as events that leave one. Renewed ones come on top. */
function tooFew({ task, events }: Life): string[] {
  const first = events[0] !== undefined && !leavesTicket(events[0]) ? 1 : 0;
  const due = events.filter(leavesTicket).length + first;
  return task.dispatch >= due ? [] : [`task ${task.id} is at ticket ${task.dispatch}, its events ask for ${due}`];
}

function withoutTicket({ watched, lives }: Evidence): string[] {
  if (watched === null) return [];
  const seen = new Map(watched.map((row) => [`${row.task_id} ${row.seq}`, row]));
  return lives.flatMap(({ task, events }) =>
    events.filter(leavesTicket).flatMap(({ seq, type }) => {
      const row = seen.get(`${task.id} ${seq}`);
      if (row === undefined) return [`event ${seq} of task ${task.id} was not seen when it was written`];
      return row.held || row.ticket ? [] : [`event ${seq} of task ${task.id} (${type}) was written without its ticket`];
    }),
  );
}
