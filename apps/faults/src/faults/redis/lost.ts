/** Redis forgets: everything at once, or what has happened since its last snapshot. Each ready task has a ticket again within ten seconds. */

import { setTimeout as pause } from "node:timers/promises";
import { withRedis } from "@baton/queue/testing";
import type { Violation } from "../../scenario.ts";
import type { Ground } from "../../workload/under-work.ts";
import type { Act } from "../act.ts";
import { strikes } from "../strike.ts";
import { openTickets, type Tickets } from "./stranded.ts";

/** From the issue; where all processes together took longer to start, that. */
const BACK_S = 10;
/** Waited for all the same, to tell how long it took. */
const PATIENCE_S = 5;
/** Five times; a minute apart in the long form. */
const FLUSHES = 5;
const CALM_MS = { short: 500, long: 60_000 };
/** It may hit at a moment when no ready task has a ticket: then it is lost once more. */
const TRIES = 10;
const AGAIN_MS = 300;
/** How old the snapshot is. */
const AGE_MS = { short: 3_000, long: 600_000 };

export const flushed: Act = {
  name: "redis_flushed",
  run: (ground) =>
    losing(ground, { name: "redis FLUSHALL", times: FLUSHES }, () =>
      withRedis(ground.cluster.redis_url, (redis) => redis.flushall()),
    ),
};

/** Needs a Redis that writes nothing down by itself. */
export const oldSnapshot: Act = {
  name: "redis_snapshot",
  run: async (ground) => {
    await withRedis(ground.cluster.redis_url, (redis) => redis.save());
    await pause(AGE_MS[ground.round.form]);
    return losing(ground, { name: "redis back from an old snapshot", times: 1 }, async () => {
      await ground.cluster.redis.kill();
      await ground.cluster.redis.start();
    });
  },
};

async function losing(ground: Ground, what: { name: string; times: number }, lose: () => Promise<unknown>) {
  const { cluster, history, round } = ground;
  const tickets = openTickets(cluster);
  const seen = { violations: [] as Violation[], stranded: 0, slowest_s: 0 };
  try {
    const struck = await strikes({ ...what, history, every_ms: CALM_MS[round.form] }, async () => {
      for (let tries = 0; tries < TRIES; tries += 1) {
        await lose();
        if (await watch(tickets, what.name, seen, Math.max(BACK_S, ground.start_s))) return;
        await pause(AGAIN_MS);
      }
      throw new Error("no ticket was stranded");
    });
    const { violations, stranded, slowest_s } = seen;
    return { ...struck, violations, figures: { stranded, back_s: slowest_s } };
  } finally {
    await tickets.close();
  }
}

/** Whether anything was lost: that nothing comes back within the time says nothing. */
async function watch(
  tickets: Tickets,
  name: string,
  seen: { violations: Violation[]; stranded: number; slowest_s: number },
  limit_s: number,
): Promise<boolean> {
  const { stranded, seconds, left } = await tickets.untilBack(limit_s + PATIENCE_S);
  seen.stranded += stranded;
  seen.slowest_s = Math.max(seen.slowest_s, seconds);
  if (seconds <= limit_s) return stranded > 0;
  const still = left.length > 0 ? `; still without one: ${left.slice(0, 3).join(" | ")}` : "";
  const detail = `${seconds.toFixed(1)} s after "${name}" with ${stranded} stranded${still}`;
  seen.violations.push({ invariant: `every stranded ticket is back within ${BACK_S} s`, detail });
  return stranded > 0;
}
