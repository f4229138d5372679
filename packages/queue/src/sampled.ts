/** Error reports, thinned: a connection that is away would otherwise fill a log with thousands of lines a second. */
import { saidBy } from "./backend.ts";

export type Report = (error: unknown) => void;

const EVERY_MS = 1_000;

/** Hands on at most one error a second. What comes in between is dropped: it says the same. */
export function sampled(
  onError: (error: Error) => void,
  now: () => number = performance.now.bind(performance),
): Report {
  let quiet_until = Number.NEGATIVE_INFINITY;
  return (error) => {
    if (now() < quiet_until) return;
    quiet_until = now() + EVERY_MS;
    onError(error instanceof Error && error.message !== "" ? error : new Error(saidBy(error), { cause: error }));
  };
}
