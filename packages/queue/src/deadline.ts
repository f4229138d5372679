/** Deadlines: what waits for a back end waits only so long. */
import { setTimeout as sleep } from "node:timers/promises";
import { QueueAway } from "./backend.ts";

/** What `work` gives, or `otherwise` when it has not come after `ms`. */
export async function withinMs<T, O>(ms: number, work: Promise<T>, otherwise: O): Promise<T | O> {
  const over = new AbortController();
  const late = sleep(ms, otherwise, { signal: over.signal }).catch(() => otherwise);
  try {
    return await Promise.race([work, late]);
  } finally {
    over.abort();
  }
}

const LATE = Symbol("late");

/** Rejects with `QueueAway` when `work` takes longer than `ms`. */
export async function orAway<T>(ms: number, work: Promise<T>, message: string): Promise<T> {
  const result = await withinMs<T, typeof LATE>(ms, work, LATE);
  if (result === LATE) throw new QueueAway(message);
  return result;
}
