/** All scenarios, in the order in which they are run. */
import type { Scenario } from "../scenario.ts";
import { authority } from "./authority.ts";
import { badInput } from "./bad-input.ts";
import { calm, calmPostgres } from "./calm.ts";
import { clocks } from "./clocks.ts";
import { crowd } from "./crowd.ts";
import { diskFull } from "./disk-full.ts";
import { freeze } from "./freeze.ts";
import { frozenDirectors } from "./frozen-directors.ts";
import { kill9, kill9Postgres } from "./kill-9.ts";
import { late } from "./late.ts";
import { lostClaims } from "./lost-claims.ts";
import { lostCommits } from "./lost-commits.ts";
import { pauseKill } from "./pause-kill.ts";
import { poison } from "./poison.ts";
import { postgresCut, postgresMute, postgresRestarts } from "./postgres.ts";
import { processes } from "./processes.ts";
import { realWorker } from "./real-worker.ts";
import { redisAway, redisForgets } from "./redis.ts";
import { redisEvicts } from "./redis-evicts.ts";
import { retries } from "./retries.ts";
import { rollingSigterm } from "./rolling-sigterm.ts";
import { sequences } from "./sequences.ts";
import { servers } from "./servers.ts";
import { slowClients } from "./slow-clients.ts";
import { stops } from "./stops.ts";
import { threefold } from "./threefold.ts";
import { badWays } from "./ways.ts";

export const SCENARIOS: readonly Scenario[] = [
  ...[
    calm,
    calmPostgres,
    processes,
    kill9,
    kill9Postgres,
    freeze,
    frozenDirectors,
    rollingSigterm,
    poison,
    pauseKill,
    realWorker,
  ],
  ...[servers, redisForgets, redisAway, redisEvicts],
  ...[postgresRestarts, postgresMute, postgresCut, diskFull, badWays],
  ...[badInput, clocks, crowd, late, lostCommits, retries, stops],
  ...[threefold, authority, lostClaims, sequences, slowClients],
];
