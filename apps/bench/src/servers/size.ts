/** How much memory and disk the servers' contents take. */
import { setTimeout as pause } from "node:timers/promises";
import type { Redis } from "ioredis";
import { rowsFrom } from "./postgres.ts";

/** Redis tells what its clients' buffers hold as it was some tenths of a second ago. */
const SETTLE_MS = 250;
const TRIES = 20;

/**
 * Memory in use without what stands in the buffers of clients, read until it stays as it is. The streams of events do not
 * count either: BullMQ cuts them to a length that a queue soon has, however many tasks wait.
 */
export async function redisBytes(redis: Redis): Promise<number> {
  let last = await reading(redis);
  for (let tries = 1; tries < TRIES; tries += 1) {
    await pause(SETTLE_MS);
    const now = await reading(redis);
    if (now === last) break;
    last = now;
  }
  return last;
}

async function reading(redis: Redis): Promise<number> {
  const info = await redis.info("memory");
  const bytes = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(info)?.[1] ?? Number.NaN);
  const streams = await redis.keys("*:events");
  const sizes = await Promise.all(streams.map((name) => redis.memory("USAGE", name, "SAMPLES", 0)));
  const events = sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  return bytes("used_memory") - bytes("mem_clients_normal") - events;
}

/** Bytes of the tables with their indexes and long values: those of the queue's schema, and of each other table by its name. */
export interface TableBytes {
  queue: number;
  tables: Record<string, number>;
}

interface Size {
  name: string;
  is_queue: boolean;
  /** A number as text, since it may be larger than an integer. */
  bytes: string;
}

const SIZES = `
  select relation.relname as name, schema.nspname = 'baton_queue' as is_queue, pg_total_relation_size(relation.oid) as bytes
  from pg_class as relation join pg_namespace as schema on schema.oid = relation.relnamespace
  where relation.relkind = 'r' and schema.nspname not in ('pg_catalog', 'information_schema')
    and schema.nspname not like 'pg_temp%'
  order by name`;

export async function tableBytes(database_url: string): Promise<TableBytes> {
  const sizes = await rowsFrom<Size>(database_url, SIZES);
  const own = sizes.filter(({ is_queue }) => !is_queue);
  return {
    queue: sizes.filter(({ is_queue }) => is_queue).reduce((sum, { bytes }) => sum + Number(bytes), 0),
    // Baton's tables and the ordinary ones have some names in common; those that are not in use stay as they are.
    tables: own.reduce<Record<string, number>>(
      (sums, { name, bytes }) => ({ ...sums, [name]: (sums[name] ?? 0) + Number(bytes) }),
      {},
    ),
  };
}
