/** The queues: one per stage, on Redis or on Postgres, holding nothing but reminders. */
export { type Backend, QueueAway, QueueUnfit, type Unfit } from "./backend.ts";
export { type Consumer, type ConsumerOptions, type Look, openConsumer } from "./consumer.ts";
export { prepareQueue } from "./prepare.ts";
export { type Depth, openProducer, type Producer, type ProducerOptions } from "./producer.ts";
export { sampled } from "./sampled.ts";
export { TICKET_TASKS, type Ticket, ticketId } from "./ticket.ts";
export { openWaker, type WakerOptions } from "./waker.ts";
export type { Waker } from "./waking.ts";
