/** The look at Redis before it is used: is it there, is it new enough, and will it keep what it is given? */
import { Redis } from "ioredis";
import { placeOf, QueueUnfit, saidBy } from "../backend.ts";

export async function prepareRedis(url: string): Promise<void> {
  const info = await askServer(url);
  const refusal = unfit(info, placeOf(url));
  if (refusal !== undefined) throw refusal;
}

export type Info = ReadonlyMap<string, string>;

async function askServer(url: string): Promise<Info> {
  const redis = new Redis(url, { ...ONCE });
  let cause: unknown;
  redis.on("error", (error) => {
    cause = error;
  });
  try {
    await redis.connect();
    const text = await redis.info();
    return new Map(text.split(/\r?\n/).map((line) => [line.split(":", 1)[0] ?? "", line.slice(line.indexOf(":") + 1)]));
  } catch (error) {
    throw unanswered(cause ?? error, placeOf(url));
  } finally {
    redis.disconnect();
  }
}

const ONCE = {
  lazyConnect: true,
  connectTimeout: 2_000,
  commandTimeout: 2_000,
  maxRetriesPerRequest: 0,
  retryStrategy: () => null,
};

function unanswered(error: unknown, place: string): QueueUnfit {
  const said = saidBy(error);
  if (/^(NOAUTH|WRONGPASS|NOPERM)/.test(said)) {
    const advice = "Put a user and password into REDIS_URL that may run all commands but the dangerous ones, and INFO.";
    return new QueueUnfit("not_allowed", `Redis at ${place} refuses us: ${said}. ${advice}`, error);
  }
  const advice = "Start it or correct REDIS_URL; without REDIS_URL the queues live in Postgres.";
  return new QueueUnfit("unreachable", `Redis at ${place} cannot be reached: ${said}. ${advice}`, error);
}

/** Managed servers forbid CONFIG but answer INFO, so everything is read from there. */
export function unfit(info: Info, place: string): QueueUnfit | undefined {
  const [major = 0, minor = 0] = (info.get("redis_version") ?? "").split(".").map(Number);
  if (!(major > 6 || (major === 6 && minor >= 2))) {
    const found = info.get("redis_version") ?? "unknown";
    return new QueueUnfit("too_old", `Redis at ${place} has version ${found}; Baton needs 6.2 or newer.`);
  }
  const policy = info.get("maxmemory_policy") ?? "noeviction";
  if (policy !== "noeviction") {
    const advice = "Set maxmemory-policy to noeviction, in redis.conf or with: redis-cli config set maxmemory-policy";
    return new QueueUnfit("evicts", `Redis at ${place} may drop queues (${policy}). ${advice} noeviction`);
  }
  if (info.get("cluster_enabled") === "1") {
    return new QueueUnfit("cluster", `Redis at ${place} is a cluster; Baton needs a single server or a primary.`);
  }
  if (info.get("role") === "slave") {
    return new QueueUnfit("replica", `Redis at ${place} is a replica; point REDIS_URL at its primary.`);
  }
  return undefined;
}
