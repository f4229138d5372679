/** The consumer: hands the tickets of one stage to a look, and holds back while all hands are full. What the look decides is not the queue's business. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Stage } from "@baton/domain";
import { type IQueueBackend, type Job, type JobProgress, WaitingError, Worker } from "bullmq";
import type { Backend } from "./backend.ts";
import { BREATH_MS, type Consuming, type Gate, KEEP_COMPLETED, KEEP_FAILED, type NoConnection } from "./consuming.ts";
import { withinMs } from "./deadline.ts";
import { type Hands, openHands } from "./hands.ts";
import { postgresConsuming } from "./postgres/consuming.ts";
import type { Producer } from "./producer.ts";
import { redisConsuming } from "./redis/consuming.ts";
import { type Report, sampled } from "./sampled.ts";
import { restOf, type Ticket, tasksOf, ticketOf } from "./ticket.ts";

/**
 * Looks whether there is something to do: null when not. Work that was found goes on after the look; a ticket that stands for
 * several tasks is looked at several times at once.
 */
export type Look = (ticket: Ticket) => Promise<{ work: Promise<unknown> } | null>;

export interface ConsumerOptions {
  /** Work that goes on at the same time. */
  concurrency: number;
  look: Look;
  /** Takes the tickets that stand for more tasks than there are hands. */
  producer: Pick<Producer, "add">;
  /** Called at most once a second. */
  onError: (error: Error) => void;
}

export interface Consumer {
  /**
   * Takes no more tickets and waits for the looks and the work under way, but only so long. After `abandoned` the process
   * had better end: a ticket still being looked at comes back to the queue.
   */
  drain(deadline_ms: number): Promise<"drained" | "abandoned">;
}

/**
 * Tickets looked at at the same time, at most: a look is short, and takes as many tasks as its ticket stands for. Where many runs
 * share the line that is one or two, and more looks fill the statements of the claims.
 */
const TICKETS_AT_ONCE = 12;
/** So long a look waits for a hand to get free. */
const SOON_MS = 50;

export function openConsumer(backend: Backend, stage: Stage, options: ConsumerOptions): Consumer {
  const report = sampled(options.onError);
  const hands = openHands(options.concurrency);
  const consuming = consumingOn(backend, stage, hands, report);
  const desk: Desk = { ...options, hands, report };
  const worker = new Worker<unknown, string, string, IQueueBackend, JobProgress, NoConnection>(
    stage,
    (job, token) => lookAt(job, token, desk),
    {
      ...WORKER,
      connection: {},
      concurrency: Math.min(TICKETS_AT_ONCE, options.concurrency),
      drainDelay: consuming.idle_s,
    },
    consuming.factory,
  );
  worker.on("error", report);
  worker.on("failed", (_job, error) => report(error));
  let drained: Promise<"drained" | "abandoned"> | undefined;
  return {
    drain: (deadline_ms) => {
      hands.close();
      drained ??= drain(() => worker.close().then(hands.whenAllFree), consuming, deadline_ms);
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

function consumingOn(backend: Backend, stage: Stage, gate: Gate, report: Report): Consuming {
  switch (backend.kind) {
    case "redis":
      return redisConsuming(backend.url, stage, gate);
    case "postgres":
      return postgresConsuming(backend.url, gate, report);
  }
}

interface Desk extends Pick<ConsumerOptions, "look" | "producer"> {
  hands: Hands;
  report: Report;
}

/** What it resolves to is shown beside the ticket, for people. */
async function lookAt(job: Job<unknown, string>, token: string | undefined, desk: Desk): Promise<string> {
  const ticket = ticketOf(job);
  if (ticket === undefined) return "not a ticket";
  const tasks = tasksOf(ticket);
  const taken = await takeHands(job, token, desk, tasks);
  const { found, failed } = await lookWith(taken, ticket, desk);
  // Every hand came back full, so there may be more.
  if (found + failed === taken && taken < tasks) await passOn(restOf(ticket, tasks - taken), desk);
  // BullMQ answers the end of a job with the next one, if there is a hand free for it by then: worth a moment where work is short.
  if (!desk.hands.anyFree()) await withinMs(SOON_MS, desk.hands.whenFree(), undefined);
  return found === 0 ? "nothing to do" : `took ${found}`;
}

/** A ticket that comes while all hands are full, or when no more is taken, goes back to the queue, for others. */
async function takeHands(job: Job, token: string | undefined, { hands, report }: Desk, most: number): Promise<number> {
  for (;;) {
    const taken = hands.take(most);
    if (taken > 0) return taken;
    const back = await job.moveToWait(token).then(() => true, report);
    // BullMQ asks for the next one, and comes to the gate.
    if (back) throw new WaitingError();
    // It stays here: a ticket that is not looked at must not be used up.
    await sleep(BREATH_MS);
    await hands.whenFree();
  }
}

/**
 * Gives how many of the hands found something, and how many met an error: that does not keep the others from their work, and is
 * thrown only when nobody found any.
 */
async function lookWith(taken: number, ticket: Ticket, desk: Desk): Promise<{ found: number; failed: number }> {
  const looks = await Promise.allSettled(Array.from({ length: taken }, () => lookOnce(ticket, desk)));
  const found = looks.filter((look) => look.status === "fulfilled" && look.value).length;
  const failed = looks.filter((look) => look.status === "rejected").map((look) => look.reason as Error);
  if (found === 0 && failed[0] !== undefined) throw failed[0];
  for (const error of failed) desk.report(error);
  return { found, failed: failed.length };
}

async function passOn(rest: Ticket, { producer, report }: Desk): Promise<void> {
  await producer.add([rest]).catch(report);
}

async function lookOnce(ticket: Ticket, { look, hands, report }: Desk): Promise<boolean> {
  try {
    const found = await look(ticket);
    if (found === null) hands.put();
    else void found.work.catch(report).finally(hands.put);
    return found !== null;
  } catch (error) {
    hands.put();
    throw error;
  }
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
