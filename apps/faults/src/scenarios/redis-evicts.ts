/** A Redis that throws away what it has no room for may not be used: each program says so and refuses to start. */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { default_root } from "../cluster/env.ts";
import { clearedAfter, type Leftovers } from "../cluster/leftovers.ts";
import { startProcess } from "../cluster/program.ts";
import { startRedis } from "../cluster/servers/redis.ts";
import type { Round, Scenario, Violation } from "../scenario.ts";

const PROGRAMS = ["api", "director", "worker"] as const;
const REFUSED = "exit code 78";
/** A program that starts all the same is ended then. */
const LIMIT_MS = 60_000;

export const redisEvicts: Scenario = {
  name: "redis-evicts",
  shares: true,
  promise: "with a Redis that evicts keys no program starts: each ends with 78 and says what to change",
  run: async (round) => {
    const folder = join(round.folder, "redis");
    mkdirSync(folder);
    return clearedAfter(async (leftovers) => {
      const redis = await startRedis({ folder, settings: { "maxmemory-policy": "allkeys-lru" }, leftovers });
      const found = await Promise.all(PROGRAMS.map((program) => started(program, redis.url, { round, leftovers })));
      return { planned: PROGRAMS.length, injected: PROGRAMS.length, violations: found.flat(), figures: {} };
    });
  },
};

interface Ground {
  round: Round;
  leftovers: Leftovers;
}

async function started(program: string, redis_url: string, { round, leftovers }: Ground): Promise<Violation[]> {
  const { folder } = round;
  const log = join(folder, `${program}.log`);
  const environment = {
    // Nobody is there, and nobody is asked before Redis has been looked at.
    DATABASE_URL: "postgres://baton@127.0.0.1:9/baton",
    ...{ REDIS_URL: redis_url, BATON_DATA_DIR: join(folder, "data"), STAGE: "dev", PORT: "0" },
  };
  const { child, ended } = startProcess({ path: join(default_root, `apps/${program}/src/main.ts`), environment, log });
  leftovers.add(() => child.kill("SIGKILL"));
  const limit = setTimeout(() => child.kill("SIGKILL"), LIMIT_MS);
  const end = await ended;
  clearTimeout(limit);
  const said = readFileSync(log, "utf8");
  const invariant = "a Redis that evicts is refused at the start";
  if (end !== REFUSED) return [{ invariant, detail: `${program} ended with ${end}: ${said.slice(0, 300)}` }];
  if (!said.includes("noeviction"))
    return [{ invariant, detail: `${program} does not say why: ${said.slice(0, 300)}` }];
  return [];
}
