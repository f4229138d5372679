/** The consumer: hands the tickets of one stage to a look. What the look decides is not the queue's business. */
import type { Stage } from "@baton/domain";
import { type IQueueBackend, type Job, type JobProgress, Worker } from "bullmq";
import type { Backend } from "./backend.ts";
import { type Consuming, KEEP_COMPLETED, KEEP_FAILED, type NoConnection } from "./consuming.ts";
import { withinMs } from "./deadline.ts";
import { postgresConsuming } from "./postgres/consuming.ts";
import { redisConsuming } from "./redis/consuming.ts";
import { type Report, sampled } from "./sampled.ts";
import { type Ticket, ticketOf } from "./ticket.ts";

/** Looks whether there is something to do. What it resolves to is shown beside the ticket, for people. */
export type Look = (ticket: Ticket) => Promise<string>;

export interface ConsumerOptions {
  /** Tickets looked at at the same time. */
  concurrency: number;
  look: Look;
  /** Called at most once a second. */
  onError: (error: Error) => void;
}

export interface Consumer {
  /**
   * Takes no more tickets and waits for the looks that are under way, but only so long. After `abandoned` the process
   * had better end: a ticket still being looked at comes back to the queue.
   */
  drain(deadline_ms: number): Promise<"drained" | "abandoned">;
}

export function openConsumer(backend: Backend, stage: Stage, options: ConsumerOptions): Consumer {
  const report = sampled(options.onError);
  const consuming = consumingOn(backend, stage, report);
  const worker = new Worker<unknown, string, string, IQueueBackend, JobProgress, NoConnection>(
    stage,
    (job) => lookAt(job, options.look),
    {
      ...WORKER,
      connection: {},
      concurrency: options.concurrency,
      drainDelay: consuming.idle_s,
    },
    consuming.factory,
  );
  worker.on("error", report);
  worker.on("failed", (_job, error) => report(error));
  let drained: Promise<"drained" | "abandoned"> | undefined;
  return {
    drain: (deadline_ms) => {
      drained ??= drain(() => worker.close(), consuming, deadline_ms);
      return drained;
    },
  };
}

const WORKER = {
  removeOnComplete: KEEP_COMPLETED,
  removeOnFail: KEEP_FAILED,
  // How often work may be tried is Postgres' business: here a ticket is only ever handed out again.
  maxStalledCount: 10,
  // While the server is away BullMQ would wait a quarter of a minute between two tries.
  runRetryDelay: 1_000,
};

function consumingOn(backend: Backend, stage: Stage, report: Report): Consuming {
  switch (backend.kind) {
    case "redis":
      return redisConsuming(backend.url, stage);
    case "postgres":
      return postgresConsuming(backend.url, report);
  }
}

function lookAt(job: Job<unknown, string>, look: Look): Promise<string> {
  const ticket = ticketOf(job);
  return ticket === undefined ? Promise.resolve("not a ticket") : look(ticket);
}

/** BullMQ's close waits without an end, for looks as well as for a server that is away. */
async function drain(
  close: () => Promise<void>,
  consuming: Consuming,
  deadline_ms: number,
): Promise<"drained" | "abandoned"> {
  const end = await withinMs(
    deadline_ms,
    close().then(() => "drained" as const),
    "abandoned" as const,
  );
  if (end === "abandoned") consuming.abandon();
  return end;
}
