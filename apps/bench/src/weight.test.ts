/** What a finished task takes up in Postgres: only what has grown since the beginning counts. */
import { expect, test } from "vitest";
import { grownBy } from "./weight.ts";

test("a table counts by what it has grown, for each task, and the queue's are told apart", () => {
  const before = { queue: 1_000, tables: { tasks: 8_192, roles: 8_192 } };
  const after = { queue: 3_000, tables: { tasks: 16_384, roles: 8_192, events: 4_096 } };
  const tables = { tasks: 819.2, events: 409.6 };
  expect(grownBy(before, after, 10)).toEqual({
    postgres_bytes: expect.closeTo(1_228.8) as number,
    queue_bytes: 200,
    tables,
  });
});

test("a line without a database has no such figure", () => {
  expect(grownBy(null, null, 10)).toEqual({ postgres_bytes: Number.NaN, queue_bytes: Number.NaN, tables: {} });
});
