/** Long polls with the queues in Postgres, in a database of their own, so that they can be away while the truth is there. */
import { describe } from "vitest";
import { longPollSuite } from "./testing/long-poll-suite.ts";
import { postgresLab } from "./testing/queue-lab.ts";

describe("long polls, queues in Postgres", () => {
  longPollSuite(postgresLab);
});
