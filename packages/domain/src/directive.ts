/** What a heartbeat tells the holder to do: exactly one word, the most urgent one. The facts come from whoever has read them. */

/** In the order of their urgency. */
export const DIRECTIVES = [
  /** The task was taken off the line: stop, nothing counts any more. */
  "cancel",
  /** The run is paused: bring the work to a point where it can rest, and give it back. */
  "pause",
  /** Time, money or quota run out: finish what is begun and hand over. */
  "wind_down",
  "continue",
] as const;
export type Directive = (typeof DIRECTIVES)[number];

export interface Circumstances {
  cancelled: boolean;
  paused: boolean;
  /** ms until the lease ends whatever its heartbeats say; null without such an end. */
  deadline_in_ms: number | null;
  /** The length of the lease: it is renewed four times before it is over. */
  lease_ms: number;
  /** What the run may cost and has cost, USD as decimal strings; null without a budget. */
  budget: { limit: string; spent: string } | null;
  /** The quota of what the agent pays with is used up. */
  circuit_open: boolean;
}

export function directiveOf(now: Circumstances): Directive {
  if (now.cancelled) return "cancel";
  if (now.paused) return "pause";
  return now.circuit_open || endsSoon(now) || costsMuch(now) ? "wind_down" : "continue";
}

const SOON_MS = 60_000;

/** Within two heartbeats, or within a minute: there may be no better moment to say it. */
function endsSoon({ deadline_in_ms, lease_ms }: Circumstances): boolean {
  return deadline_in_ms !== null && deadline_in_ms <= Math.max(SOON_MS, lease_ms / 2);
}

/** Nine tenths of the budget are gone. */
function costsMuch({ budget }: Circumstances): boolean {
  return budget !== null && Number(budget.spent) >= Number(budget.limit) * 0.9;
}
