/** In the short form, all that happens to the servers and on the ways to them, on one cluster. Disks have a scenario of their own. */
import { inTurn } from "../faults/act.ts";
import { cutAfterCommit } from "../faults/postgres/cut.ts";
import { heldOpen } from "../faults/postgres/held-open.ts";
import { frozen as postgresFrozen, unreachable } from "../faults/postgres/mute.ts";
import { restarts } from "../faults/postgres/restarts.ts";
import { full, killed, frozen as redisFrozen } from "../faults/redis/away.ts";
import { flushed, oldSnapshot } from "../faults/redis/lost.ts";
import { latency, resets, throttled } from "../faults/ways.ts";
import { underWork } from "../workload/under-work.ts";

const redis = [flushed, oldSnapshot, killed, redisFrozen, full];
const postgres = [restarts, heldOpen, postgresFrozen, unreachable, cutAfterCommit];
const ways = [resets, latency, throttled];

export const servers = underWork({
  name: "servers",
  promise: "whatever happens to Redis, to Postgres and on the ways to them: nothing is lost or done twice",
  forms: ["short"],
  // It comes back empty, or from the snapshot that one of the acts makes.
  cluster: { redis: { appendonly: "no" } },
  fault: inTurn(...redis, ...postgres, ...ways),
});
