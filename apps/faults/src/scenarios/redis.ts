/** What may happen to Redis: it forgets, it is away, and it may not be used at all. */
import { inTurn } from "../faults/act.ts";
import { frozen, full, killed, unreachable } from "../faults/redis/away.ts";
import { flushed, oldSnapshot } from "../faults/redis/lost.ts";
import { underWork } from "../workload/under-work.ts";

/** Hosted workers alone: without tickets nothing is done. */
export const redisForgets = underWork({
  forms: ["long"],
  name: "redis-forgets",
  promise: "Redis is wiped five times and comes back from an old snapshot: every stranded ticket is back within 10 s",
  agents: { processes: 0, each: 0 },
  cluster: { redis: { appendonly: "no" } },
  in_flight: 60,
  // Brisk tasks wait behind a backlog whose order is that of the queues.
  recovers: false,
  fault: inTurn(flushed, oldSnapshot),
});

export const redisAway = underWork({
  forms: ["long"],
  name: "redis-away",
  promise:
    "Redis is killed, frozen, unreachable and full: requests neither wait for it nor fail, and workers go on after it",
  fault: inTurn(killed, frozen, unreachable, full),
});
