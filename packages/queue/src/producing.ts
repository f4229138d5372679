/** What the two back ends give a producer beyond BullMQ's own contract. One connection serves all four queues. */
import type { Stage } from "@baton/domain";
import type { JobJson, Queue } from "bullmq";

export interface Producing {
  /** Opens the queue of a stage; called once for each. */
  open(stage: Stage): Queue;
  /** Rejects with `QueueAway` within two seconds when the back end is not there. */
  reachable(): Promise<void>;
  /** Turns the failures of a back end that is not there into `QueueAway`. */
  guard<T>(work: Promise<T>): Promise<T>;
  add(queue: Queue, jobs: readonly JobJson[]): Promise<void>;
  /** Those of `ids` that wait, in one round trip. A job that is being looked at or finished is not one of them. */
  waiting(stage: Stage, ids: readonly string[]): Promise<Set<string>>;
  remove(queue: Queue, ids: readonly string[]): Promise<void>;
  /** Tells wakers of new tickets, where the back end does not do so by itself. */
  announce(stage: Stage): void;
  close(): Promise<void>;
}

/** Events nobody reads: BullMQ would keep ten thousand of them for each queue. */
export const STREAMS = { events: { maxLen: 1_000 } };

/** As many tickets as are written in one go: neither back end is busy with them for longer than some ten milliseconds. */
const PAGE = 500;

export function* pagesOf<T>(items: readonly T[]): Generator<T[]> {
  for (let start = 0; start < items.length; start += PAGE) yield items.slice(start, start + PAGE);
}
