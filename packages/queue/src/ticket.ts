/**
 * The ticket: what travels through a queue, and how it becomes a BullMQ job and back. It carries ids and no truth; what
 * it reminds of stands in Postgres.
 */
import { randomUUID } from "node:crypto";
import { isStage, type Stage } from "@baton/domain";
import type { JobJson } from "bullmq";

export interface Ticket {
  stage: Stage;
  task_id: string;
  visit: number;
  dispatch: number;
  /**
   * Set on a ticket that stands for several tasks of its run and stage: the same for all of them. In the queue it is
   * one job, a look for as many of whatever is ready there.
   */
  bundle?: string | null;
  /** How many tasks the bundle stands for; `TICKET_TASKS` where nobody has counted them. */
  stands_for?: number;
  /** It goes before all others: one that stood for the same tasks has had its turn already. */
  passed_on?: true;
}

/** Tasks that a ticket stands for at most. */
export const TICKET_TASKS = 25;

const ID = /^([0-9a-f-]{36})_([a-z]+)_(\d{1,9})_(\d{1,9})$/;
const BUNDLE_ID = /^([0-9a-f-]{36})_([a-z]+)$/;
const BUNDLE_NAME = /^([0-9a-f-]{36})(?:_([1-9]|1\d|2[0-5]))?$/;

/** An id that still exists in a queue is ignored in silence when it is added again: hence the dispatch number in it, or a bundle that is always new. */
export function ticketId({ task_id, stage, visit, dispatch, bundle }: Ticket): string {
  return bundle ? `${bundle}_${stage}` : `${task_id}_${stage}_${visit}_${dispatch}`;
}

/** Whether it stands for several tasks. */
export function isShared({ bundle }: Ticket): boolean {
  return typeof bundle === "string";
}

/** For how many tasks it is to be looked. */
export function tasksOf(ticket: Ticket): number {
  return isShared(ticket) ? (ticket.stands_for ?? TICKET_TASKS) : 1;
}

/** A look for the tasks that are left, where there were too few hands for all of them. */
export function restOf(ticket: Ticket, left: number): Ticket {
  return { ...ticket, bundle: randomUUID(), stands_for: left, passed_on: true };
}

/**
 * The job as the back end stores it. A million may wait, so nothing is said twice: the id holds everything, and Redis keeps
 * what is left in 80 bytes. Which workspace a bundle belongs to, one of its tasks says, in the name; so does how many there are.
 */
export function jobOf(ticket: Ticket): JobJson {
  return {
    id: ticketId(ticket),
    name: isShared(ticket) ? `${ticket.task_id}_${tasksOf(ticket)}` : `v${ticket.visit}`,
    data: "{}",
    opts: ticket.passed_on ? { lifo: true } : {},
    progress: 0,
    attemptsMade: 0,
    attemptsStarted: 0,
    timestamp: Date.now(),
    failedReason: "",
    returnvalue: "null",
    stalledCounter: 0,
  };
}

/** Undefined for anything that is not one of our tickets: queues can be written to by others. */
export function ticketOf({ id = "", name = "" }: { id?: string | undefined; name?: string }): Ticket | undefined {
  const [, bundle, of] = BUNDLE_ID.exec(id) ?? [];
  const [, one, count] = BUNDLE_NAME.exec(name) ?? [];
  if (bundle !== undefined && isStage(of) && one !== undefined) {
    return { stage: of, task_id: one, visit: 1, dispatch: 1, bundle, stands_for: Number(count ?? TICKET_TASKS) };
  }
  const [, task_id, stage, visit, dispatch] = ID.exec(id) ?? [];
  if (task_id === undefined || !isStage(stage)) return undefined;
  return { stage, task_id, visit: Number(visit), dispatch: Number(dispatch) };
}

/** Tickets by the queue they belong to; stages without any are left out. */
export function byStage(tickets: readonly Ticket[]): [Stage, Ticket[]][] {
  return [...Map.groupBy(tickets, (ticket) => ticket.stage)];
}

/** One of each id, in their order: the tasks of a bundle bring the same one. */
export function distinct(tickets: readonly Ticket[]): Ticket[] {
  return [...new Map(tickets.map((ticket) => [ticketId(ticket), ticket])).values()];
}
