/** Long polls with the queues on Redis, on a server of their own: it is wiped. */
import { redisServerProgram } from "@baton/queue/testing";
import { describe } from "vitest";
import { longPollSuite } from "./testing/long-poll-suite.ts";
import { redisLab } from "./testing/queue-lab.ts";

describe.skipIf(redisServerProgram() === undefined)("long polls, queues on Redis", () => {
  longPollSuite(redisLab);
});
