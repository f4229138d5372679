/** How long a task waits for a quota: as long as was asked, or a quarter of an hour, and then a little longer, so that not all come back at the same moment. */

const UNTOLD_MS = 15 * 60_000;
const JITTER_MAX_MS = 60_000;

export interface QuotaWait {
  /** When the quota is there again, ms since 1970. */
  until_ms: number;
  /** When the task goes on: up to a tenth later, at most a minute. */
  back_ms: number;
}

/** `asked_ms` is null when nobody said how long. Both times are ms since 1970; `random` is in [0, 1). */
export function quotaWait(asked_ms: number | null, now: number, random: number): QuotaWait {
  const until_ms = Math.max(now, asked_ms ?? now + UNTOLD_MS);
  const jitter = Math.min((until_ms - now) / 10, JITTER_MAX_MS) * random;
  return { until_ms, back_ms: until_ms + Math.floor(jitter) };
}
