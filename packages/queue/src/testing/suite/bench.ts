/** The workbench of the suite: a back end whose server can be cut off and emptied, and everything opened on it, closed again. */
import { randomUUID } from "node:crypto";
import type { Stage } from "@baton/domain";
import type { Backend } from "../../backend.ts";
import { type Consumer, type Look, openConsumer } from "../../consumer.ts";
import { prepareQueue } from "../../prepare.ts";
import { openProducer, type Producer } from "../../producer.ts";
import type { Ticket } from "../../ticket.ts";
import { openWaker } from "../../waker.ts";
import type { Waker } from "../../waking.ts";
import { type Proxy, startProxy } from "../proxy.ts";

/** A server for one test file. */
export interface Lab {
  backend: Backend;
  /** Throws away everything in it, as it would be after an accident. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}

const DEFAULT_PORTS = { redis: 6379, postgres: 5432 };

export class Bench {
  readonly lab: Lab;
  readonly server: Proxy;
  /** The back end by way of the proxy. */
  readonly backend: Backend;
  readonly errors: Error[] = [];
  #open: (() => Promise<unknown>)[] = [];

  private constructor(lab: Lab, server: Proxy) {
    this.lab = lab;
    this.server = server;
    this.backend = { kind: lab.backend.kind, url: server.url };
  }

  static async over(lab: Lab): Promise<Bench> {
    await prepareQueue(lab.backend);
    return new Bench(lab, await startProxy(lab.backend.url, DEFAULT_PORTS[lab.backend.kind]));
  }

  producer(): Producer {
    const producer = openProducer(this.backend, this);
    this.#open.push(() => producer.close());
    return producer;
  }

  consumer(stage: Stage, look: Look, concurrency = 5): Consumer {
    const { producer, onError } = { producer: this.producer(), onError: this.onError };
    const consumer = openConsumer(this.backend, stage, { concurrency, look, producer, onError });
    this.#open.push(() => consumer.drain(2_000));
    return consumer;
  }

  waker(onTicket: (stage: Stage) => void): Waker {
    const waker = openWaker(this.backend, { onTicket, onError: this.onError });
    this.#open.push(() => waker.close());
    return waker;
  }

  readonly onError = (error: Error): void => {
    this.errors.push(error);
  };

  /** After each test: everything closed, the server back, nothing left in it. */
  async clear(): Promise<void> {
    await this.server.heal();
    await Promise.all(this.#open.map((close) => close()));
    this.#open = [];
    this.errors.length = 0;
    await this.lab.wipe();
  }

  async close(): Promise<void> {
    await this.server.close();
    await this.lab.close();
  }
}

export function newTicket(stage: Stage = "dev", more: Partial<Ticket> = {}): Ticket {
  return { stage, task_id: randomUUID(), visit: 1, dispatch: 1, ...more };
}

export function newTickets(count: number, stage: Stage = "dev"): Ticket[] {
  return Array.from({ length: count }, () => newTicket(stage));
}

/** A look that notes its tickets, and whose work is done at once. */
export function noting(): { seen: Ticket[]; look: Look } {
  const seen: Ticket[] = [];
  return {
    seen,
    look: (ticket) => {
      seen.push(ticket);
      return Promise.resolve({ work: Promise.resolve() });
    },
  };
}

/** A look whose work goes on until it is let go. */
export function holding(): { held: Ticket[]; look: Look; letGo: () => void } {
  const held: Ticket[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const look: Look = (ticket) => {
    held.push(ticket);
    return Promise.resolve({ work: promise });
  };
  return { held, look, letGo: resolve };
}

/** A look that finds so many tasks, and whose work goes on until it is let go. */
export function finding(tasks: number): { held: Ticket[]; looks: () => number; look: Look; letGo: () => void } {
  const { held, look, letGo } = holding();
  let looks = 0;
  return {
    held,
    looks: () => looks,
    look: (ticket) => {
      looks += 1;
      return held.length < tasks ? look(ticket) : Promise.resolve(null);
    },
    letGo,
  };
}
