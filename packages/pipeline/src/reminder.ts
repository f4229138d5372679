/** The fast path: sends tickets right after their commit, in bulk, and forgets them when the queue has them. What fails here waits for the relay. */
import { type Db, forgetTickets, type OutboxTicket } from "@baton/db";
import { type Producer, sampled, type Ticket } from "@baton/queue";

export interface Reminder {
  remind(ticket: OutboxTicket): void;
  /** Takes tickets out of the queue that need no answer any more, after those that are still to be sent. */
  withdraw(tickets: readonly Ticket[]): void;
  settle(): Promise<void>;
}

interface ReminderParts {
  db: Db;
  producer: Producer;
  onError: (error: unknown) => void;
}

/** Sent tickets are forgotten in heaps. Long before a relay would take them for left behind. */
const FORGET_MS = 200;

export function openReminder({ db, producer, onError }: ReminderParts): Reminder {
  let waiting: OutboxTicket[] = [];
  let withdrawn: Ticket[] = [];
  let sending: Promise<void> | null = null;
  // While the queue is away every commit with a ticket fails here.
  const report = sampled(onError);
  const forgetter = openForgetter(db, report);

  /** Tickets that come in while some are being sent go out together afterwards. One must not be taken out before it is in. */
  async function send(): Promise<void> {
    while (waiting.length > 0 || withdrawn.length > 0) {
      const [tickets, over] = [waiting, withdrawn];
      waiting = [];
      withdrawn = [];
      if (tickets.length > 0) await addTickets(producer, tickets).then(() => forgetter.forgetSoon(tickets), report);
      if (over.length > 0) await producer.remove(over).catch(report);
    }
    sending = null;
  }

  return {
    remind: (ticket) => {
      waiting.push(ticket);
      sending ??= Promise.resolve().then(send);
    },
    withdraw: (tickets) => {
      withdrawn.push(...tickets);
      sending ??= Promise.resolve().then(send);
    },
    settle: async () => {
      await sending;
      await forgetter.forgetNow();
    },
  };
}

function openForgetter(db: Db, onError: (error: unknown) => void) {
  let sent: OutboxTicket[] = [];
  let timer: NodeJS.Timeout | undefined;
  let forgetting = Promise.resolve();

  function forgetNow(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const tickets = sent;
    sent = [];
    if (tickets.length > 0) forgetting = Promise.all([forgetting, forget(db, tickets).catch(onError)]).then(() => {});
    return forgetting;
  }

  return {
    forgetSoon: (tickets: readonly OutboxTicket[]) => {
      sent.push(...tickets);
      timer ??= setTimeout(() => void forgetNow(), FORGET_MS);
    },
    forgetNow,
  };
}

/** Adds the tickets to their queues, then forgets them. Dying in between means that they are sent twice, which is harmless. */
export async function sendTickets({ db, producer }: { db: Db; producer: Producer }, tickets: readonly OutboxTicket[]) {
  await addTickets(producer, tickets);
  await forget(db, tickets);
}

function addTickets(producer: Producer, tickets: readonly OutboxTicket[]): Promise<void> {
  return producer.add(tickets.map(({ outbox_id: _, ...ticket }) => ticket));
}

function forget(db: Db, tickets: readonly OutboxTicket[]): Promise<void> {
  return forgetTickets(
    db,
    tickets.map((ticket) => ticket.outbox_id),
  );
}
