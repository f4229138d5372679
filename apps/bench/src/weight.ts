/** What tasks take up: in Redis while they wait for their first agent, in Postgres when they are through. */
import type { Desk } from "./contenders/contender.ts";
import type { Servers } from "./servers/index.ts";
import { type TableBytes, tableBytes } from "./servers/size.ts";
import { submitAll } from "./workload.ts";

export interface Waiting {
  task_ids: string[];
  /** Of Redis, for each of them; NaN for a line whose queue lies elsewhere. */
  redis_bytes: number;
}

/**
 * Submits tasks which nobody works yet, twice as many as asked for. The first half only makes Redis ready, with scripts,
 * queues and buffers as large as they get: the second half is weighed.
 */
export async function weighWaiting(desk: Desk, servers: Servers, count: number): Promise<Waiting> {
  const first = await submitAll(desk, count);
  await desk.sent();
  const before = await servers.redisBytes();
  const others = await submitAll(desk, count);
  await desk.sent();
  const after = await servers.redisBytes();
  const redis_bytes = desk.place.redis_url === undefined ? Number.NaN : (after - before) / count;
  return { task_ids: [...first, ...others], redis_bytes };
}

/** Bytes of Postgres for each finished task; NaN for a line that has no database. */
export interface Finished {
  /** All tables but the queue's own. */
  postgres_bytes: number;
  queue_bytes: number;
  /** Each table that has grown. */
  tables: Record<string, number>;
}

export async function tablesOf({ place }: Desk): Promise<TableBytes | null> {
  return place.database_url === undefined ? null : tableBytes(place.database_url);
}

export function grownBy(before: TableBytes | null, after: TableBytes | null, tasks: number): Finished {
  if (before === null || after === null) return { postgres_bytes: Number.NaN, queue_bytes: Number.NaN, tables: {} };
  const grown = Object.entries(after.tables)
    .map(([name, bytes]) => [name, (bytes - (before.tables[name] ?? 0)) / tasks] as const)
    .filter(([, bytes]) => bytes > 0);
  return {
    postgres_bytes: grown.reduce((sum, [, bytes]) => sum + bytes, 0),
    queue_bytes: (after.queue - before.queue) / tasks,
    tables: Object.fromEntries(grown),
  };
}
