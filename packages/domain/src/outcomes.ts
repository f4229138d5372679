/** How an attempt ends. A verdict (`pass`, `reject`) is not a failure; a failure says whose fault it was. */
import { z } from "zod";
import { money, text } from "./text.ts";

export const OUTCOMES = [
  /** The stage's work is done and its evidence holds. */
  "pass",
  /** A verdict: the work goes back to dev with its findings. */
  "reject",
  /** Technical: the attempt could not be carried out. */
  "fail",
  /** The work waits for something outside the line. */
  "block",
  /** The agent gives the task back untouched. */
  "release",
  /** Nobody said anything until the lease was over: counted as a crash. */
  "expire",
  /** A person or the run's kill took the task away. */
  "cancel",
] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** Whose fault a failed attempt was. Only `task` is charged to the task. */
export const FAULTS = ["task", "worker", "provider", "environment", "contract"] as const;
export type Fault = (typeof FAULTS)[number];

const tokens = z.int().min(0).max(1_000_000_000_000);

/** The absolute total of the attempt so far, not an increment. */
export const Usage = z.strictObject({
  tokens_in: tokens.optional(),
  tokens_out: tokens.optional(),
  cost_usd: money.optional(),
  model: text(200).optional(),
});
export type Usage = z.infer<typeof Usage>;
