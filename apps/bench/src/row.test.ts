/** A row of the table: medians of rounds, and medians of the ratios within each round. */
import { expect, test } from "vitest";
import type { Round } from "./round.ts";
import { rowOf } from "./row.ts";
import { round } from "./testing/rounds.ts";

const speeds = (...speeds: number[]): Round[] => speeds.map((tasks_per_s) => round({ tasks_per_s }));

test("a ratio is the median of the ratios of each round, not the ratio of the medians", () => {
  const row = rowOf("it", speeds(10, 20, 90), { first: speeds(20, 10, 100), ordinary: speeds(1, 40, 30) });
  expect(row.tasks_per_s).toBe(20);
  expect(row.to_first.tasks_per_s).toBe(0.9);
  expect(row.to_ordinary.tasks_per_s).toBe(3);
});

test("by itself a contender is 1, and by one that was left out nothing", () => {
  const own = speeds(10, 20);
  const row = rowOf("it", own, { first: own, ordinary: undefined });
  expect(row.to_first).toEqual({ tasks_per_s: 1, cpu_ms_per_task: 1 });
  expect(row.to_ordinary).toEqual({ tasks_per_s: Number.NaN, p50_ms: Number.NaN, hop_p50_ms: Number.NaN });
});

test("a table counts with its median, and with nothing in rounds in which it did not grow", () => {
  const rounds = [round({ tables: { tasks: 3 } }), round({ tables: { tasks: 1, events: 4 } }), round({ tables: {} })];
  expect(rowOf("it", rounds, { first: rounds, ordinary: rounds }).tables).toEqual({ events: 0, tasks: 1 });
});
