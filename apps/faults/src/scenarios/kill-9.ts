/** A random process is killed every second or two: APIs, directors, workers and agents alike. */
import type { Act } from "../faults/act.ts";
import { chanceOf } from "../faults/chance.ts";
import { killAtRandom } from "../faults/members.ts";
import { quantile } from "../faults/seen.ts";
import type { Form } from "../options.ts";
import { slowReturns } from "../workload/returns.ts";
import { underWork } from "../workload/under-work.ts";

const TIMES = { short: 8, long: 300 };

export const killing: Act = {
  name: "kill9",
  run: async ({ round, cluster, history, start_s }) => {
    const schedule = { history, name: "kill -9", times: TIMES[round.form], every_ms: [1_000, 2_000] as const };
    const killed = await killAtRandom({ ...schedule, chance: chanceOf(round.seed) }, cluster.members);
    const { planned, injected, back_ms } = killed;
    return {
      ...{ planned, injected },
      violations: slowReturns(back_ms, start_s),
      figures: { back_max_s: Math.max(...back_ms) / 1_000, back_p50_s: quantile(back_ms, 0.5) / 1_000 },
    };
  },
};

const killOn = (queue: "redis" | "postgres", name: string, forms: readonly Form[]) =>
  underWork({
    ...{ name, forms },
    promise: `kill -9 of any process at any moment loses and doubles nothing, queues on ${queue}`,
    cluster: { queue },
    fault: killing.run,
  });

export const kill9 = killOn("redis", "kill-9", ["long"]);
export const kill9Postgres = killOn("postgres", "kill-9-postgres", ["short", "long"]);
