/** A producer's side of Redis. */
import type { Stage } from "@baton/domain";
import { createRedisBackend, type JobJson, Queue } from "bullmq";
import type { ChainableCommander, Redis } from "ioredis";
import { awayWhen } from "../away.ts";
import { PREFIX, placeOf, QueueAway } from "../backend.ts";
import { orAway, withinMs } from "../deadline.ts";
import { type Producing, pagesOf, STREAMS } from "../producing.ts";
import type { Report } from "../sampled.ts";
import { hastyRedis, isAway, NEWS_CHANNEL } from "./connect.ts";

const AWAY_MS = 2_000;

export function redisProducing(url: string, report: Report): Producing {
  const redis = hastyRedis(url);
  redis.on("error", report);
  const first_ready = new Promise<void>((resolve) => redis.once("ready", () => resolve()));
  const message = `Redis at ${placeOf(url)} does not answer.`;
  return {
    // BullMQ's own look at the server's version happens once, and when it fails the queue never works again.
    open: (stage) =>
      new Queue(
        stage,
        { connection: redis, prefix: PREFIX, skipVersionCheck: true, streams: STREAMS },
        createRedisBackend,
      ),
    reachable: async () => {
      if (isReady(redis)) return;
      await orAway(AWAY_MS, first_ready, message);
      if (!isReady(redis)) throw new QueueAway(message);
    },
    guard: awayWhen(message, isAway),
    add: addInPages,
    waiting: (stage, ids) => waitingIn(redis, stage, ids),
    remove: async (queue, ids) => {
      await Promise.all(ids.map((id) => queue.remove(id)));
    },
    announce: (stage) => {
      redis.publish(NEWS_CHANNEL, stage).catch(report);
    },
    close: async () => {
      await withinMs(1_000, redis.quit().catch(report), undefined);
      redis.disconnect();
    },
  };
}

/** Asked anew each time: it changes while we wait. */
function isReady(redis: Redis): boolean {
  return redis.status === "ready";
}

async function addInPages(queue: Queue, jobs: readonly JobJson[]): Promise<void> {
  for (const page of pagesOf(jobs)) {
    await queue.getBackend().addJobs(page.map((job) => ({ job, jobId: job.id })));
  }
}

/** A job without a time stamp does not exist, one that was begun will wake nobody any more, unless it was given back. */
async function waitingIn(redis: Redis, stage: Stage, ids: readonly string[]): Promise<Set<string>> {
  const keyOf = (id: string) => `${PREFIX}:${stage}:${id}`;
  const fields = await askedOfEach<(string | null)[]>(redis, ids, (asked, id) =>
    asked.hmget(keyOf(id), "timestamp", "processedOn", "finishedOn"),
  );
  const open = ids.filter((id) => fields.get(id)?.[0] && !fields.get(id)?.[2]);
  const begun = open.filter((id) => fields.get(id)?.[1]);
  const locked = await askedOfEach<number>(redis, begun, (asked, id) => asked.exists(`${keyOf(id)}:lock`));
  return new Set(open.filter((id) => !locked.get(id)));
}

/** One round trip, or none. */
async function askedOfEach<T>(
  redis: Redis,
  ids: readonly string[],
  ask: (asked: ChainableCommander, id: string) => void,
) {
  if (ids.length === 0) return new Map<string, T>();
  const asked = redis.pipeline();
  for (const id of ids) ask(asked, id);
  const answers = (await asked.exec()) ?? [];
  return new Map(
    answers.map(([error, answer], i) => {
      if (error) throw error;
      return [ids[i] ?? "", answer as T] as const;
    }),
  );
}
