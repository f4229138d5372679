/** Four BullMQ queues in Redis, each of whose handlers adds the next job: what both chains are made of. A job bears its task's id. */
import { nextPlace, type Stage } from "@baton/domain";
import { Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import type { Servers } from "../servers/index.ts";
import type { Serving, Shift } from "./contender.ts";

export interface FirstQueue<Data> {
  add(jobs: readonly { task_id: string; data: Data }[]): Promise<void>;
  close(): Promise<void>;
}

/** Works a job of the stage; gives what the next job carries, or null when there is nothing to add or to finish. */
type Handle<Data> = (stage: Stage, task_id: string, data: Data) => Promise<Data | null>;

const KEEP = { removeOnComplete: true, removeOnFail: true };

/** In a Redis in which nothing else is. */
export async function openFirstQueue<Data>(servers: Servers): Promise<FirstQueue<Data>> {
  await servers.wipeRedis();
  const connection = new Redis(servers.redis_url, { maxRetriesPerRequest: null });
  const queue = new Queue("dev", { connection });
  return {
    add: async (jobs) => {
      await queue.addBulk(jobs.map(({ task_id, data }) => ({ name: "dev", data, opts: { jobId: task_id, ...KEEP } })));
    },
    close: async () => {
      await queue.close();
      connection.disconnect();
    },
  };
}

export async function serveChain<Data>(shift: Shift, handle: Handle<Data>): Promise<Serving> {
  const url = shift.place.redis_url ?? "";
  const adding = new Redis(url, { maxRetriesPerRequest: null });
  const workers = shift.stages.map((stage) => serveStage(stage, shift, handle, url, adding));
  await Promise.all(workers.map((worker) => worker.waitUntilReady()));
  return {
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
      adding.disconnect();
    },
  };
}

function serveStage<Data>(stage: Stage, shift: Shift, handle: Handle<Data>, url: string, adding: Redis): Worker<Data> {
  const place = nextPlace(stage);
  const next = place === "complete" ? null : new Queue(place, { connection: adding });
  const connection = new Redis(url, { maxRetriesPerRequest: null });
  const work = async ({ id: task_id = "", data }: { id?: string | undefined; data: Data }): Promise<void> => {
    const carried = await handle(stage, task_id, data);
    if (carried === null) return;
    if (next) await next.add(place, carried, { jobId: task_id, ...KEEP });
    else shift.finished(task_id);
  };
  const worker = new Worker<Data>(stage, work, { connection, concurrency: shift.concurrency });
  worker.on("error", shift.onError);
  worker.on("failed", (_job, error) => shift.onError(error));
  worker.on("closed", () => connection.disconnect());
  return worker;
}
