/** The two kinds of connection to Redis: producers fail fast, everybody else waits until Redis is back. */
import { Redis, type RedisOptions } from "ioredis";
import { PREFIX, saidBy } from "../backend.ts";

const PATIENT = {
  connectTimeout: 2_000,
  // Half a second at most: nobody shall wait long for work when Redis is back.
  retryStrategy: (times) => Math.min(times * 50, 500),
  // After a fail-over the old primary only lets us read: look for the new one.
  reconnectOnError: (error) => error.message.startsWith("READONLY"),
  maxRetriesPerRequest: null,
} satisfies RedisOptions;

const HASTY = {
  ...PATIENT,
  commandTimeout: 2_000,
  maxRetriesPerRequest: 1,
  enableOfflineQueue: false,
} satisfies RedisOptions;

export function hastyRedis(url: string): Redis {
  return new Redis(url, HASTY);
}

export function patientRedis(url: string, options: { connectionName?: string; autoResubscribe?: boolean } = {}): Redis {
  return new Redis(url, { ...PATIENT, ...options });
}

/** Where a producer says which stage has new tickets. */
export const NEWS_CHANNEL = `${PREFIX}:news`;

const AWAY = /max retries per request|Command timed out|Connection is closed|isn't writeable|ECONN|EPIPE|ETIMEDOUT/;

/** Is it the way to the server, and not what we asked of it? */
export function isAway(error: unknown): boolean {
  return AWAY.test(saidBy(error));
}
