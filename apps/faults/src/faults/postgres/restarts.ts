/** Postgres is ended at once and started again, under way. Nothing that was answered is lost, and every process is there again soon. */
import { setTimeout as pause } from "node:timers/promises";
import type { Violation } from "../../scenario.ts";
import type { Act } from "../act.ts";
import { judgeLooks, lookOn } from "../look-on.ts";
import { membersBack } from "../members-back.ts";
import { strikes } from "../strike.ts";

/** From the issue: every thirty seconds, and back within three. */
const PLAN = { short: { times: 3, every_ms: 3_000 }, long: { times: 20, every_ms: 30_000 } };
const BACK_S = 3;
/** It does not come back in the same moment. */
const DOWN_MS = 300;

export const restarts: Act = {
  name: "postgres_restarted",
  run: async ({ cluster, history, round, start_s }) => {
    const stop_looking = lookOn(cluster);
    const lives_before = livesOf(cluster.members);
    // How long only looking takes, which is nothing on a quiet machine.
    const looking_s = (await membersBack(cluster)).seconds;
    const limit_s = Math.max(BACK_S + 3 * looking_s, start_s);
    const violations: Violation[] = [];
    let slowest_s = 0;
    const struck = await strikes({ history, name: "postgres restarted", ...PLAN[round.form] }, async () => {
      await cluster.postgres.kill();
      await pause(DOWN_MS);
      await cluster.postgres.start();
      const { seconds, missing } = await membersBack(cluster);
      slowest_s = Math.max(slowest_s, seconds);
      if (seconds <= limit_s) return;
      const who = missing.length > 0 ? `${missing.join(", ")} not even then` : "all of them then";
      violations.push({
        invariant: `every process is back within ${BACK_S} s`,
        detail: `${seconds.toFixed(1)} s; ${who}`,
      });
    });
    violations.push(...judgeLooks(await stop_looking()));
    return {
      ...struck,
      violations,
      figures: { back_s: slowest_s, looking_s, died: livesOf(cluster.members) - lives_before },
    };
  },
};

const livesOf = (members: readonly { lives: number }[]): number => members.reduce((sum, { lives }) => sum + lives, 0);
