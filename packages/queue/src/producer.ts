/**
 * The producer: puts tickets into the queues and answers what is in them. It fails fast, and whoever calls it can go on
 * without it: tickets that could not be added are found missing later.
 */
import { STAGES, type Stage } from "@baton/domain";
import type { Queue } from "bullmq";
import type { Backend } from "./backend.ts";
import { postgresProducing } from "./postgres/producing.ts";
import type { Producing } from "./producing.ts";
import { redisProducing } from "./redis/producing.ts";
import { type Report, sampled } from "./sampled.ts";
import { byStage, distinct, isShared, jobOf, type Ticket, ticketId } from "./ticket.ts";

export interface Depth {
  waiting: number;
  active: number;
  completed: number;
  failed: number;
}

export interface Producer {
  /**
   * Rejects, with `QueueAway` when the back end is not there. An id that the queue still knows is not added again, and tickets
   * of one bundle are one.
   */
  add(tickets: readonly Ticket[]): Promise<void>;
  /**
   * Those that do not wait, and so will wake nobody. One that is being looked at is missing too: what it was given may be
   * another task than the one it names, for hours.
   */
  missing(tickets: readonly Ticket[]): Promise<Ticket[]>;
  /**
   * Best effort, never rejects: a ticket that stays is looked at for nothing, or for another task. One being looked at is left alone, and so is one that
   * stands for other tasks as well.
   */
  remove(tickets: readonly Ticket[]): Promise<void>;
  depth(): Promise<Record<Stage, Depth>>;
  /** For Bull Board. */
  queues(): Queue[];
  close(): Promise<void>;
}

export interface ProducerOptions {
  /** Called at most once a second. */
  onError: (error: Error) => void;
}

export function openProducer(backend: Backend, { onError }: ProducerOptions): Producer {
  const report = sampled(onError);
  const producing = producingOn(backend, report);
  const queues = Object.fromEntries(STAGES.map((stage) => [stage, openQueue(producing, stage, report)]));
  const queueOf = (stage: Stage): Queue => (queues as Record<Stage, Queue>)[stage];
  const whenThere = <T>(work: () => Promise<T>): Promise<T> => producing.guard(producing.reachable().then(work));
  const perStage = <T>(tickets: readonly Ticket[], work: (queue: Queue, stage: Stage, some: Ticket[]) => Promise<T>) =>
    Promise.all(byStage(tickets).map(([stage, some]) => work(queueOf(stage), stage, some)));
  return {
    add: async (tickets) => {
      await whenThere(() => perStage(tickets, (queue, stage, some) => addTo(producing, queue, stage, some)));
    },
    missing: async (tickets) => {
      const missing = () => perStage(tickets, (_queue, stage, some) => missingFrom(producing, stage, some));
      return (await whenThere(missing)).flat();
    },
    remove: async (tickets) => {
      const remove = (queue: Queue, _stage: Stage, some: Ticket[]) => producing.remove(queue, some.map(ticketId));
      const own = tickets.filter((ticket) => !isShared(ticket));
      if (own.length > 0) await whenThere(() => perStage(own, remove)).catch(report);
    },
    depth: async () => {
      const ofStage = async (stage: Stage) => [stage, await depthOf(queueOf(stage))] as const;
      return Object.fromEntries(await whenThere(() => Promise.all(STAGES.map(ofStage)))) as Record<Stage, Depth>;
    },
    queues: () => Object.values(queues),
    close: async () => {
      await Promise.all(Object.values(queues).map((queue) => queue.close())).catch(report);
      await producing.close().catch(report);
    },
  };
}

function producingOn(backend: Backend, report: Report): Producing {
  switch (backend.kind) {
    case "redis":
      return redisProducing(backend.url, report);
    case "postgres":
      return postgresProducing(backend.url, report);
  }
}

function openQueue(producing: Producing, stage: Stage, report: Report): Queue {
  const queue = producing.open(stage);
  queue.on("error", report);
  return queue;
}

async function addTo(producing: Producing, queue: Queue, stage: Stage, tickets: readonly Ticket[]): Promise<void> {
  await producing.add(queue, distinct(tickets).map(jobOf));
  producing.announce(stage);
}

async function missingFrom(producing: Producing, stage: Stage, tickets: readonly Ticket[]): Promise<Ticket[]> {
  const waiting = await producing.waiting(stage, distinct(tickets).map(ticketId));
  return tickets.filter((ticket) => !waiting.has(ticketId(ticket)));
}

async function depthOf(queue: Queue): Promise<Depth> {
  const counts = await queue.getJobCounts("waiting", "active", "completed", "failed");
  const { waiting = 0, active = 0, completed = 0, failed = 0 } = counts;
  return { waiting, active, completed, failed };
}
