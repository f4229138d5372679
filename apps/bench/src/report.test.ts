/** What the bench says in the end, from given rows. */
import { expect, test } from "vitest";
import { BATON, ORDINARY, PLAIN } from "./contenders/index.ts";
import { textOf } from "./report.ts";
import { type Row, rowOf } from "./row.ts";
import { round } from "./testing/rounds.ts";

const NONE = Number.NaN;
const NO_DATABASE = { postgres_bytes_per_finished: NONE, queue_bytes_per_finished: NONE };

function rowsOf(): Row[] {
  const first = [round({ tasks_per_s: 1355, rss_bytes: 500 * 1024 ** 2, ...NO_DATABASE })];
  const ordinary = [round({ tasks_per_s: 100, p50_ms: 200, hop_p50_ms: 4 })];
  const costs = { redis_bytes_per_waiting: 230.4, postgres_bytes_per_finished: 8_192, tables: { events: 2_048 } };
  const baton = [round({ tasks_per_s: 677.5, cpu_ms_per_task: 2.5, p50_ms: 100, hop_p50_ms: 5, ...costs })];
  const others = { first, ordinary };
  return [rowOf(PLAIN, first, others), rowOf(ORDINARY, ordinary, others), rowOf(BATON, baton, others)];
}

const machine = {
  cores: 2,
  cpu: "a CPU with quite a long name @ 2.50GHz",
  node: "v24.21.0",
  redis: "7",
  postgres: "18",
};
const modes = { idle_s: 30, scale: false, stored: 1_000 };
const options = { tasks: 2_000, rounds: 3, workers: 4, concurrency: 50, only: "", json: false, ...modes };

const cellsOf = (line: string | undefined) => line?.split(/ {2,}/).map((cell) => cell.trim());

test("both tables have a row for each contender, with a dash for what there is not", () => {
  const lines = textOf({ machine, options, rows: rowsOf() }).split("\n");
  const [load, task] = lines.filter((line) => line.startsWith(`${PLAIN} `));
  expect(cellsOf(load)).toEqual([PLAIN, "1355", "1.00", "13.55", "1.00", "1.00", "1.00", "500"]);
  expect(cellsOf(task)).toEqual([PLAIN, "1", "0.01", "1", "1.00", "0.25", "1.00", "1", "–", "–"]);
});

test("no line is longer than 120 characters", () => {
  for (const line of textOf({ machine, options, rows: rowsOf() }).split("\n")) expect(line.length).toBeLessThan(121);
});

test("each goal stands beside what Baton on Redis has reached", () => {
  const text = textOf({ machine, options, rows: rowsOf() });
  expect(text.slice(text.indexOf("Goals of Baton on Redis:"))).toMatchInlineSnapshot(`
    "Goals of Baton on Redis:
    tasks/s ÷ plain BullMQ chain (Redis): goal ≥ 0.65 with a ticket a hop, ≥ 1.3 under a backlog, reached 0.50
    tasks/s ÷ ordinary transaction per hop, under a backlog: goal ≥ 6, reached 6.78
    p50 end to end ÷ ordinary transaction per hop: goal ≤ 0.55, reached 0.50
    idle hop p50 ÷ ordinary transaction per hop: goal ≤ 1, reached 1.25
    CPU ms a task ÷ plain BullMQ chain (Redis): goal ≤ 0.7, reached 2.50
    bytes of Redis a waiting task: goal ≤ 250, reached 230
    KB of Postgres a finished task: goal ≤ 5.6 and the ledger, reached 8.0, of it the events, which are the ledger, 2.0 KB"
  `);
});

test("what was not measured has no goal", () => {
  const [plain, , baton] = rowsOf();
  expect(textOf({ machine, options, rows: plain ? [plain] : [] })).not.toContain("oal");
  const alone = textOf({ machine, options, rows: baton ? [baton] : [] });
  expect(alone).not.toContain(`÷ ${PLAIN}`);
  expect(alone).toContain("bytes of Redis a waiting task: goal ≤ 250, reached 230");
});
