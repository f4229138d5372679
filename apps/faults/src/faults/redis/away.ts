/** Redis is away: killed, frozen, unreachable, or full. No request waits for it or fails for it, and workers go on soon after it is back. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { openDatabase } from "@baton/db";
import { withRedis } from "@baton/queue/testing";
import { monotonic } from "../../history/write.ts";
import type { Outcome, Violation } from "../../scenario.ts";
import type { Ground } from "../../workload/under-work.ts";
import type { Act } from "../act.ts";
import { brokenAnswers, quantile, type Seen, seenBetween, tellCall } from "../seen.ts";
import { lasting, type Struck } from "../strike.ts";
import { answersPing } from "./ping.ts";

/** Twenty seconds by the issue. */
const AWAY_MS = { short: 5_000, long: 20_000 };
/** Creates go on meanwhile. */
const CREATE_EVERY_MS = 700;
/** Workers that find nothing look again at least so often, and get hold of Redis in less. */
const WORKERS_BACK_S = 10;
/** A process that cannot reach something says so, and not in a flood. */
const LINES_PER_S = 10;
/** No handler awaits Redis, whose own commands give up after two seconds. */
const MEDIAN_MS = 1_500;

export const killed = away("killed", {
  begin: async (ground) => {
    await ground.cluster.redis.kill();
    await felt(ground, { directly: true });
  },
  end: ({ cluster }) => cluster.redis.start(),
});

export const frozen = away("frozen", {
  begin: async (ground) => {
    ground.cluster.redis.freeze();
    await felt(ground, { directly: true });
  },
  end: ({ cluster }) => cluster.redis.thaw(),
});

export const unreachable = away("unreachable", {
  begin: async (ground) => {
    ground.cluster.ways.redis.blackhole();
    await felt(ground, { directly: false });
  },
  end: ({ cluster }) => cluster.ways.redis.heal(),
});

export const full = away("full", {
  begin: (ground) => setMemory(ground, "1mb"),
  end: async (ground) => {
    const refused = await refusedForMemory(ground);
    await setMemory(ground, "0");
    if (!refused) throw new Error("nothing was refused for want of memory");
  },
});

const SILENT_MS = 500;
/** On a busy machine one that is there may take its time. */
const PATIENCE_MS = 10_000;

/** A fault that nobody would feel is none: Baton's way leads to no answer, and past it there is one only where the way alone is broken. */
async function felt({ cluster }: Ground, { directly }: { directly: boolean }): Promise<void> {
  if (await answersPing(cluster.ways.redis.url, SILENT_MS)) throw new Error("Redis answers through the way");
  const there = await answersPing(cluster.redis_url, directly ? SILENT_MS : PATIENCE_MS);
  if (there === directly) throw new Error(there ? "Redis answers" : "it is not the way alone that is broken");
}

interface Absence {
  begin: (ground: Ground) => unknown;
  end: (ground: Ground) => unknown;
}

function away(name: string, { begin, end }: Absence): Act {
  return {
    name: `redis_${name}`,
    run: async (ground) => {
      const { cluster, history, round, work, history_folder } = ground;
      const lines = countLines(ground);
      const from = monotonic();
      const stop = keepCreating(work);
      const struck = await lasting(
        { history, name: `redis ${name}`, lasts_ms: AWAY_MS[round.form] },
        { begin: () => begin(ground), end: () => end(ground) },
      );
      const to = monotonic();
      const workers_after_s = await nextHostedAttempt(cluster.database_url);
      await stop();
      const said = lines((to - from) / 1_000);
      const limit_s = Math.max(WORKERS_BACK_S, ground.start_s);
      return judged(struck, seenBetween(history_folder, from, to), { workers_after_s, said, limit_s });
    },
  };
}

/** Runs of one task each, whatever becomes of those before. */
function keepCreating({ submit }: Ground["work"]): () => Promise<void> {
  const sent: Promise<unknown>[] = [];
  const timer = setInterval(() => void sent.push(submit("brisk", 1)), CREATE_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await Promise.all(sent);
  };
}

interface After {
  workers_after_s: number;
  said: { name: string; per_s: number };
  /** For the workers. */
  limit_s: number;
}

function judged(struck: Struck, seen: readonly Seen[], { workers_after_s, said, limit_s }: After): Outcome {
  const creates = seen.filter(({ op }) => op === "create_run");
  const done = creates.filter(({ end }) => end === "ok");
  const writing = seen.filter(({ op, end }) => end === "ok" && (op === "create_run" || op === "complete"));
  const median_ms = quantile(
    writing.map(({ ms }) => ms),
    0.5,
  );
  const violations: Violation[] = [];
  const violated = (invariant: string, detail: string) => void violations.push({ invariant, detail });
  const broken = brokenAnswers(seen, []);
  if (broken[0] !== undefined)
    violated("no request fails because Redis is away", `${broken[0]}; ${broken.length} in all`);
  const undone = creates.find(({ end, ms }) => end === "lost" || (end === "open" && ms > 10_000));
  if (undone !== undefined) violated("creates are answered with 201 throughout", tellCall(undone));
  if (done.length === 0) violated("creates are answered with 201 throughout", `none of ${creates.length} was`);
  if (median_ms > MEDIAN_MS)
    violated("no request waits for Redis", `half of them took over ${Math.round(median_ms)} ms`);
  if (workers_after_s > limit_s) violated("workers go on once it is back", `after ${workers_after_s.toFixed(1)} s`);
  if (said.per_s > LINES_PER_S)
    violated("no flood of log lines", `${said.name}: ${said.per_s.toFixed(1)} lines a second`);
  const figures = { created: done.length, median_ms, workers_after_s, log_lines_per_s: said.per_s };
  return { ...struck, violations, figures };
}

const HOSTED = {
  name: "faults_hosted_since",
  text: "select count(*) as count from attempts where agent_id like 'hosted-%' and started_at > to_timestamp($1)",
};

/** Seconds until a hosted worker claims something. All clocks here are of one machine. */
async function nextHostedAttempt(database_url: string): Promise<number> {
  const db = openDatabase(database_url, { connections: 1, onError: () => {} });
  const [since, from] = [Date.now() / 1_000, performance.now()];
  const so_far = () => (performance.now() - from) / 1_000;
  try {
    while (so_far() < 2 * WORKERS_BACK_S) {
      const [row] = await db.run<{ count: number }>(HOSTED, [since]);
      if (Number(row?.count ?? 0) > 0) break;
      await pause(50);
    }
    return so_far();
  } finally {
    await db.close();
  }
}

/** Begins to count what the processes of Baton say; asked later, it names the one that said most. */
function countLines({ cluster, round }: Ground): (seconds: number) => { name: string; per_s: number } {
  const counted = () =>
    cluster.members
      .filter(({ kind }) => kind !== "agents")
      .map(({ name }) => ({
        name,
        lines: readFileSync(join(round.folder, "logs", `${name}.log`), "utf8").split("\n").length,
      }));
  const before = counted();
  return (seconds) => {
    const rates = counted().map(({ name, lines }, i) => ({ name, per_s: (lines - (before[i]?.lines ?? 0)) / seconds }));
    return rates.reduce((most, one) => (one.per_s > most.per_s ? one : most), { name: "", per_s: 0 });
  };
}

async function setMemory(ground: Ground, maxmemory: string): Promise<void> {
  await withRedis(ground.cluster.redis_url, (redis) => redis.config("SET", "maxmemory", maxmemory));
}

/** Since the server was started, which is long enough ago. */
async function refusedForMemory(ground: Ground): Promise<boolean> {
  const info = await withRedis(ground.cluster.redis_url, (redis) => redis.info("errorstats"));
  return /errorstat_OOM:count=[1-9]/.test(info);
}
