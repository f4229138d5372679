/** How long a failed attempt waits before the next: exponential with full jitter, the randomness passed in. */

const BASE_MS = 2_000;
const CAP_MS = 300_000;

/** A delay in ms, uniform in 0 … min(5 min, 2 s × 2^(n−1)) for the n-th attempt (from 1). `random` is in [0, 1). Source: "Exponential Backoff And Jitter", AWS Architecture Blog, 2015. */
export function retryDelayMs(attempt: number, random: number): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(Math.max(attempt, 1) - 1, 30));
  return Math.floor(random * ceiling);
}
