/** One director after the other stands still: the peer takes over, and the one that comes back changes nothing stale. */
import { setTimeout as pause } from "node:timers/promises";
import type { Act } from "../faults/act.ts";
import { lasting } from "../faults/strike.ts";
import type { Outcome } from "../scenario.ts";
import { type Ground, underWork } from "../workload/under-work.ts";

const LASTS_MS = { short: 7_000, long: 60_000 };
/** From the issue: a peer takes over in so long. */
const LIMIT_S = 10;
const LOOK_MS = 200;

export const freezingDirectors: Act = {
  name: "directors",
  run: async (ground) => {
    const oldest = watchOldest(ground);
    const outcomes: Pick<Outcome, "planned" | "injected">[] = [];
    let oldest_expired_s = 0;
    try {
      for (const i of [0, 1]) outcomes.push(await frozen(ground, i));
    } finally {
      oldest_expired_s = await oldest();
    }
    const detail = `a lease that was over was taken back after ${oldest_expired_s.toFixed(1)} s`;
    const late =
      oldest_expired_s > Math.max(LIMIT_S, ground.start_s)
        ? [{ invariant: "a peer takes over within 10 s", detail }]
        : [];
    return {
      planned: outcomes.reduce((sum, { planned }) => sum + planned, 0),
      injected: outcomes.reduce((sum, { injected }) => sum + injected, 0),
      violations: late,
      figures: { oldest_expired_s },
    };
  },
};

export const frozenDirectors = underWork({
  name: "frozen-directors",
  promise: "while one director is frozen its peer takes back what is over within 10 s",
  forms: ["long"],
  recovers: false,
  fault: freezingDirectors.run,
});

/** Counts as two faults: that it was frozen, and that something had to be taken back meanwhile. */
async function frozen(
  { round, cluster, history, work }: Ground,
  i: number,
): Promise<Pick<Outcome, "planned" | "injected">> {
  const director = cluster.of("director")[i];
  const before = (await work.meter.expired())?.rescued ?? 0;
  const lasts = { history, name: `freeze director ${i + 1}`, lasts_ms: LASTS_MS[round.form] };
  const { planned, injected } = await lasting(lasts, { begin: () => director?.freeze(), end: () => director?.thaw() });
  const rescued = ((await work.meter.expired())?.rescued ?? 0) - before;
  return { planned: planned + 1, injected: injected + Math.min(1, rescued) };
}

/** Gives the way to stop, which gives the longest that any lease was over without being taken back, in seconds. */
function watchOldest({ work }: Ground): () => Promise<number> {
  let [enough, oldest] = [false, 0];
  const watching = (async () => {
    while (!enough) {
      oldest = Math.max(oldest, (await work.meter.expired())?.oldest_s ?? 0);
      await pause(LOOK_MS);
    }
  })();
  return async () => {
    enough = true;
    await watching;
    return oldest;
  };
}
