/** The bench as a whole, in its short form: so that it still runs when somebody wants to know. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { redisServerProgram } from "@baton/queue/testing";
import { expect, test } from "vitest";
import { z } from "zod";

const MAIN = join(import.meta.dirname, "main.ts");

const measured = z.number().gt(0);

const Report = z.object({
  rows: z.array(
    z.object({
      name: z.string(),
      ...{ tasks_per_s: measured, cpu_ms_per_task: measured, rss_bytes: measured },
      ...{ p50_ms: measured, p99_ms: measured, hop_p50_ms: measured, hop_p99_ms: measured },
      ...{ redis_bytes_per_waiting: z.number().nullable(), postgres_bytes_per_finished: measured.nullable() },
    }),
  ),
});

interface Ended {
  code: number | string | null | undefined;
  stdout: string;
  stderr: string;
}

function bench(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [MAIN, ...args], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

// Without a redis-server on the PATH there is no ceiling to measure by.
test.skipIf(redisServerProgram() === undefined)(
  "every contender carries all tasks, each exactly once through each stage, and is measured",
  async () => {
    // One process for all four stages: starting processes is what takes the time.
    const { code, stdout, stderr } = await bench("--tasks", "40", "--rounds", "1", "--workers", "1", "--json");
    expect(code, stderr).toBe(0);
    const { rows } = Report.parse(JSON.parse(stdout));
    const weighed = rows.map((row) => [
      row.name,
      row.redis_bytes_per_waiting !== null,
      row.postgres_bytes_per_finished !== null,
    ]);
    expect(weighed).toEqual([
      ["plain BullMQ chain (Redis)", true, false],
      ["ordinary transaction per hop", true, true],
      ["Baton on Redis", true, true],
      ["Baton on Postgres", false, true],
    ]);
  },
  120_000,
);

test.skipIf(redisServerProgram() === undefined)(
  "waiting agents are measured on both back ends",
  async () => {
    const { code, stdout, stderr } = await bench("--waiting", "20", "--idle_s", "1", "--json");
    expect(code, stderr).toBe(0);
    const rows = z
      .array(z.object({ name: z.string(), agents: z.literal(20), p50_ms: z.number() }))
      .parse(JSON.parse(stdout));
    expect(rows.map((row) => row.name)).toEqual(["Redis", "Postgres"]);
    for (const row of rows) expect(row.p50_ms).toBeGreaterThan(0);
  },
  120_000,
);

test("a contender that is not there is refused, and the others are named", async () => {
  const { code, stdout, stderr } = await bench("--only", "Reddis");
  expect([code, stdout]).toEqual([78, ""]);
  expect(stderr).toMatch(/"Reddis".*Baton on Redis, Baton on Postgres/);
});
