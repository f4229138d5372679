/** Commits that are done and whose answer never comes: whoever asked asks again, under the same key. */
import { setTimeout as pause } from "node:timers/promises";
import { underWork } from "../workload/under-work.ts";

const CUTS = { short: 15, long: 1_000 };
const PERCENT = 12;
const TASKS = 3;
const LIMIT_MS = { short: 40_000, long: 1_200_000 };
const EVERY_MS = 400;

export const lostCommits = underWork({
  name: "lost-commits",
  shares: true,
  promise: "a change whose answer was lost is there once, and asking again gives the first answer",
  agents: { processes: 1, each: 8 },
  cluster: { workers: 0, directors: 1 },
  recovers: false,
  in_flight: 0,
  settings: { separation: "off" },
  fault: async ({ round, cluster, work }) => {
    const cutSince = cluster.ways.postgres.cutAfterCommit(PERCENT);
    const until = performance.now() + LIMIT_MS[round.form];
    let cut = 0;
    while (cut < CUTS[round.form] && performance.now() < until) {
      await work.submit("brisk", TASKS);
      await pause(EVERY_MS);
      cut += cutSince();
    }
    cluster.ways.postgres.heal();
    return { planned: CUTS[round.form], injected: cut, violations: [], figures: {} };
  },
});
