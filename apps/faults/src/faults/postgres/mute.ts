/** Postgres says nothing: it is frozen, or the way to it leads nowhere. Every request is answered all the same, and all is well soon after. */
import type { Outcome, Violation } from "../../scenario.ts";
import type { Ground } from "../../workload/under-work.ts";
import type { Act } from "../act.ts";
import { judgeLooks, lookOn } from "../look-on.ts";
import { membersBack } from "../members-back.ts";
import { lasting } from "../strike.ts";

/** Fifteen seconds by the issue; longer than an answer may take in any form. */
const MUTE_MS = { short: 10_000, long: 15_000 };
/** Queries that hang are given up after five seconds, and their connections with them. */
const USABLE_S = 10;

export const frozen = mute("frozen", {
  begin: ({ cluster }) => cluster.postgres.freeze(),
  end: ({ cluster }) => cluster.postgres.thaw(),
});

export const unreachable = mute("unreachable", {
  begin: ({ cluster }) => cluster.ways.postgres.blackhole(),
  end: ({ cluster }) => cluster.ways.postgres.heal(),
});

interface Silence {
  begin: (ground: Ground) => unknown;
  end: (ground: Ground) => unknown;
}

function mute(name: string, { begin, end }: Silence): Act {
  return {
    name: `postgres_${name}`,
    run: async (ground) => {
      const { cluster, history, round } = ground;
      const stop_looking = lookOn(cluster);
      const struck = await lasting(
        { history, name: `postgres ${name}`, lasts_ms: MUTE_MS[round.form] },
        { begin: () => begin(ground), end: () => end(ground) },
      );
      const back = await membersBack(cluster);
      const looks = await stop_looking();
      // A fault that nobody felt was none.
      const felt = looks.some(({ status }) => status !== 200);
      const outcome: Outcome = {
        ...{ planned: 1, injected: felt ? struck.injected : 0 },
        violations: [...judgeLooks(looks), ...judgeReturn(back.seconds)],
        figures: { slowest_answer_s: Math.max(...looks.map(({ ms }) => ms)) / 1_000, usable_after_s: back.seconds },
      };
      return outcome;
    },
  };
}

function judgeReturn(seconds: number): Violation[] {
  if (seconds <= USABLE_S) return [];
  return [{ invariant: "the database is usable soon after", detail: `after ${seconds.toFixed(1)} s` }];
}
