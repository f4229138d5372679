/** The queues on BullMQ's Postgres back end. */
import { describe } from "vitest";
import { databaseForTest } from "./testing/database-for-test.ts";
import { queueSuite } from "./testing/suite/index.ts";

describe("queues in Postgres", () => {
  queueSuite(async () => {
    const database = await databaseForTest();
    return {
      backend: { kind: "postgres", url: database.url },
      wipe: () => database.run("truncate baton_queue.job, baton_queue.event, baton_queue.meta cascade"),
      close: () => database.drop(),
    };
  });
});
