/** A queue apart from the truth, on either back end: a test may cut the way to it or wipe it, and the database is there all the while. */
import { openDatabase } from "@baton/db";
import { freshDatabase } from "@baton/db/testing";
import { type LineSettings, type OpenedLine, openLine, openLineAt } from "@baton/pipeline";
import { type Backend, openProducer, prepareQueue } from "@baton/queue";
import { type Proxy, redisForTest, startProxy } from "@baton/queue/testing";

export interface QueueLab {
  backend: Backend;
  /** The way to it, for everybody who has been given the backend. */
  way: Proxy;
  /** Throws away everything in it, as it would be after an accident. */
  wipe(): Promise<void>;
  close(): Promise<void>;
}

const EMPTIED = {
  name: "wipe_queue",
  text: "truncate baton_queue.job, baton_queue.event, baton_queue.meta cascade",
};

export async function postgresLab(): Promise<QueueLab> {
  const { url, drop } = await freshDatabase();
  const db = openDatabase(url, { connections: 1 });
  const way = await startProxy(url, 5432);
  return {
    ...{ backend: { kind: "postgres", url: way.url }, way },
    wipe: async () => {
      await db.run(EMPTIED, []);
    },
    close: async () => {
      await way.close();
      await db.close();
      await drop();
    },
  };
}

export async function redisLab(): Promise<QueueLab> {
  const redis = await redisForTest();
  const way = await startProxy(redis.url, 6379);
  return {
    ...{ backend: { kind: "redis", url: way.url }, way, wipe: redis.wipe },
    close: async () => {
      await way.close();
      await redis.close();
    },
  };
}

/** As `openLineAt`, with the queues at the given place whatever its kind. */
export async function openLineBeside(queue: Backend, settings: LineSettings): Promise<OpenedLine> {
  const { database_url, connections = 6, onError } = settings;
  await prepareQueue(queue);
  const inside = await openLineAt({ ...settings, redis_url: undefined });
  const db = openDatabase(database_url, { connections, onError });
  const producer = openProducer(queue, { onError });
  const line = openLine({ db, store: inside.line.store, producer, onError });
  return {
    ...{ line, backend: queue },
    close: async () => {
      await line.settle();
      await producer.close();
      await db.close();
      await inside.close();
    },
  };
}
