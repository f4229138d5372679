/** The base rate: workload W and no fault at all, on both queue back ends. What is violated here is broken without any help. */
import { setTimeout as pause } from "node:timers/promises";
import type { Form } from "../options.ts";
import { underWork } from "../workload/under-work.ts";

const LASTS_MS = { short: 4_000, long: 120_000 };

const calmOn = (queue: "redis" | "postgres", name: string, forms: readonly Form[]) =>
  underWork({
    ...{ name, forms, shares: true },
    promise: `without a fault everything comes through, queues on ${queue}`,
    recovers: false,
    cluster: { queue },
    fault: async ({ round }) => {
      await pause(LASTS_MS[round.form]);
      return { planned: 0, injected: 0, violations: [], figures: {} };
    },
  });

export const calm = calmOn("redis", "calm", ["short", "long"]);
/** In the short form `kill-9-postgres` does. */
export const calmPostgres = calmOn("postgres", "calm-postgres", ["long"]);
