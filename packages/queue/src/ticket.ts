/**
 * The ticket: what travels through a queue, and how it becomes a BullMQ job and back. It carries ids and no truth; what
 * it reminds of stands in Postgres.
 */
import { isStage, type Stage } from "@baton/domain";
import type { JobJson } from "bullmq";

export interface Ticket {
  stage: Stage;
  task_id: string;
  run_id: string;
  visit: number;
  dispatch: number;
}

const ID = /^([0-9a-f-]{36})_([a-z]+)_(\d{1,9})_(\d{1,9})$/;
const UUID = /^[0-9a-f-]{36}$/;

/** An id that still exists in a queue is ignored in silence when it is added again: hence the dispatch number in it. */
export function ticketId(ticket: Ticket): string {
  return `${ticket.task_id}_${ticket.stage}_${ticket.visit}_${ticket.dispatch}`;
}

/**
 * The job as the back end stores it. A million may wait, so nothing is said twice: the id holds all but the run, and
 * Redis keeps a job whose every field is shorter than 64 bytes in a third of the memory.
 */
export function jobOf(ticket: Ticket): JobJson {
  return {
    id: ticketId(ticket),
    name: `v${ticket.visit}`,
    data: JSON.stringify({ run_id: ticket.run_id }),
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
export function ticketOf(job: { id?: string | undefined; data: unknown }): Ticket | undefined {
  const [, task_id, stage, visit, dispatch] = ID.exec(job.id ?? "") ?? [];
  const run_id = runIdOf(job.data);
  if (task_id === undefined || run_id === undefined || !isStage(stage)) return undefined;
  return { stage, task_id, run_id, visit: Number(visit), dispatch: Number(dispatch) };
}

function runIdOf(data: unknown): string | undefined {
  if (typeof data !== "object" || data === null || !("run_id" in data)) return undefined;
  return typeof data.run_id === "string" && UUID.test(data.run_id) ? data.run_id : undefined;
}

/** Tickets by the queue they belong to; stages without any are left out. */
export function byStage(tickets: readonly Ticket[]): [Stage, Ticket[]][] {
  return [...Map.groupBy(tickets, (ticket) => ticket.stage)];
}
