/**
 * The ticket: what travels through a queue, and how it becomes a BullMQ job and back. It carries ids and no truth; what
 * it reminds of stands in Postgres.
 */
import { isStage, type Stage } from "@baton/domain";
import type { JobJson } from "bullmq";

export interface Ticket {
  stage: Stage;
  task_id: string;
  visit: number;
  dispatch: number;
}

const ID = /^([0-9a-f-]{36})_([a-z]+)_(\d{1,9})_(\d{1,9})$/;

/** An id that still exists in a queue is ignored in silence when it is added again: hence the dispatch number in it. */
export function ticketId(ticket: Ticket): string {
  return `${ticket.task_id}_${ticket.stage}_${ticket.visit}_${ticket.dispatch}`;
}

/**
 * The job as the back end stores it. A million may wait, so nothing is said twice: the id holds everything, and Redis keeps
 * what is left in 80 bytes.
 */
export function jobOf(ticket: Ticket): JobJson {
  return {
    id: ticketId(ticket),
    name: `v${ticket.visit}`,
    data: "{}",
    opts: {},
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
export function ticketOf(job: { id?: string | undefined }): Ticket | undefined {
  const [, task_id, stage, visit, dispatch] = ID.exec(job.id ?? "") ?? [];
  if (task_id === undefined || !isStage(stage)) return undefined;
  return { stage, task_id, visit: Number(visit), dispatch: Number(dispatch) };
}

/** Tickets by the queue they belong to; stages without any are left out. */
export function byStage(tickets: readonly Ticket[]): [Stage, Ticket[]][] {
  return [...Map.groupBy(tickets, (ticket) => ticket.stage)];
}
