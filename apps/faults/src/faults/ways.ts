/** The ways are bad: connections are reset, bytes come late or trickle. Everything goes on, slower. */
import { setTimeout as pause } from "node:timers/promises";
import type { Outcome } from "../scenario.ts";
import type { Ground } from "../workload/under-work.ts";
import type { Act } from "./act.ts";
import { judgeLooks, lookOn } from "./look-on.ts";
import { lasting, type Struck, strikes } from "./strike.ts";

/** Two minutes each in the long form. */
const LASTS_MS = { short: 6_000, long: 120_000 };
const RESET_EVERY_MS = { short: 2_000, long: 3_000 };

export const resets = onBadWays("reset", ({ cluster, history, round }) => {
  const every_ms = RESET_EVERY_MS[round.form];
  const times = Math.floor(LASTS_MS[round.form] / every_ms);
  return strikes({ history, name: "ways reset", times, every_ms }, () => {
    const { postgres, redis } = cluster.ways;
    if (postgres.reset() + redis.reset() === 0) throw new Error("there was no connection");
  });
});

export const latency = onBadWays("slow", (ground) =>
  bent(ground, "ways slow", () => {
    ground.cluster.ways.redis.slow(200, 200);
    ground.cluster.ways.postgres.slow(20, 20);
  }),
);

export const throttled = onBadWays("throttled", (ground) =>
  bent(ground, "ways throttled", () => {
    ground.cluster.ways.redis.throttle(10_000);
    ground.cluster.ways.postgres.throttle(500_000);
  }),
);

function bent({ cluster, history, round }: Ground, name: string, bend: () => void): Promise<Struck> {
  const end = () => {
    cluster.ways.redis.heal();
    cluster.ways.postgres.heal();
  };
  return lasting({ history, name, lasts_ms: LASTS_MS[round.form] }, { begin: bend, end });
}

function onBadWays(name: string, strike: (ground: Ground) => Promise<Struck>): Act {
  return {
    name: `ways_${name}`,
    run: async (ground): Promise<Outcome> => {
      const before = await ground.work.meter.read();
      const stop_looking = lookOn(ground.cluster);
      const struck = await strike(ground);
      // What was accepted in the last moment is counted, too.
      await pause(100);
      const violations = judgeLooks(await stop_looking());
      const accepted = Number((await ground.work.meter.read())?.accepted ?? 0) - Number(before?.accepted ?? 0);
      if (!(accepted > 0)) violations.push({ invariant: "work goes on over bad ways", detail: "nothing was accepted" });
      return { ...struck, violations, figures: { accepted } };
    },
  };
}
