/** What the two back ends give a consumer: how BullMQ gets its back end, and the way out when that one hangs. */
import type { IQueueBackend, QueueBaseOptions } from "bullmq";
import type { Hands } from "./hands.ts";

/** Connections are made here: BullMQ gets none of their options to see. */
export type NoConnection = Record<string, never>;

/** Nothing is asked for while there is no hand free for it. */
export type Gate = Pick<Hands, "anyFree" | "whenFree">;

export interface Consuming {
  factory: (stage: string, options: QueueBaseOptions<NoConnection>) => IQueueBackend;
  /** How long an idle consumer waits for news before it looks for itself. */
  idle_s: number;
  /** Cuts the connections, whatever is still waiting for an answer on them. */
  abandon(): void;
}

/** What people see on Bull Board: the newest of the finished and of the failed tickets. */
export const KEEP_COMPLETED = { count: 200 };
export const KEEP_FAILED = { count: 200 };

/** After an error that a retry at once would only repeat, such as a full Redis, BullMQ asks again without a pause. */
export const BREATH_MS = 500;
