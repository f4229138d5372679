/** Words that several views share: states in their colours, ages, sums. */
import type { RunState, TaskState } from "@baton/domain";
import type { Cell } from "../table.ts";

const COLOURS = {
  ...{ active: "cyan", paused: "yellow", ready_for_commit: "yellow", completed: "green", failed: "red", killed: "red" },
  ...{ pending: "white", running: "cyan", blocked: "yellow", cancelled: "dim" },
} as const satisfies Record<RunState | TaskState, Exclude<Cell, string>["style"]>;

export function stateCell(state: RunState | TaskState): Exclude<Cell, string> {
  return { text: state, style: COLOURS[state] };
}

const STEPS = [
  { unit: "s", ms: 1_000, until: 120_000 },
  { unit: "min", ms: 60_000, until: 7_200_000 },
  { unit: "h", ms: 3_600_000, until: 172_800_000 },
  { unit: "d", ms: 86_400_000, until: Number.POSITIVE_INFINITY },
];

/** How long something took, or is ago, in one unit. A clock that is behind the server's shows 0 s. */
export function span(ms: number): string {
  const past = Math.max(0, ms);
  const step = STEPS.find(({ until }) => past < until) ?? STEPS[0];
  return step === undefined ? "" : `${Math.floor(past / step.ms)} ${step.unit}`;
}

export function age(at: string): string {
  return span(Date.now() - Date.parse(at));
}

/** Money comes with six digits, which few want to see. */
export function dollars(cost_usd: string): string {
  return `$${Number(cost_usd).toFixed(2)}`;
}

export function figure(count: number): string {
  return count.toLocaleString("en");
}
