/** How the statements of the hot path go through the tables: their cost must not grow with what is stored. */
import { expect, test } from "vitest";
import { apply } from "./apply.ts";
import { claimTickets } from "./claim.ts";
import { newId } from "./ids.ts";
import { contextsOf } from "./reads/contexts.ts";
import { hangingOn } from "./reads/hanging.ts";
import type { TaskRow } from "./rows.ts";
import { submit } from "./submit.ts";
import { changeOf, newTask, packetFor, sql, type TestDatabase, testDatabase } from "./testing/line.ts";

/** How many rows of all tables have been looked at so far, and how often a table was read from end to end. */
async function looked({ db }: TestDatabase) {
  await sql(db, "select pg_stat_force_next_flush()");
  const [sums] = await sql<{ scans: number; rows: number }>(
    db,
    `select sum(seq_scan)::int as scans, sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows
     from pg_stat_user_tables where schemaname = 'public'`,
  );
  if (sums === undefined) throw new Error("unreachable: sums are always one row");
  return sums;
}

async function carryThroughDev(open: TestDatabase, rows: readonly TaskRow[]): Promise<void> {
  const claims = await claimTickets(
    open.db,
    rows.map(({ id }) => ({
      ...{ task_id: id, stage: "dev", lease_id: newId(), claim_id: newId(), lease_ms: 60_000, agent_id: "agent" },
    })),
  );
  const held = claims.flatMap((claim) => (claim === "busy" ? [] : (claim ?? [])));
  const attempt = { outcome: "pass" } as const;
  const change = (row: TaskRow) =>
    changeOf(row, { name: "pass", reasons: [] }, { attempt, packet: packetFor("dev", { started_at: null }) });
  await contextsOf(
    open.db,
    held.map((row) => row.id),
  );
  const applied = await apply(open.db, held.map(change));
  await hangingOn(
    open.db,
    applied.flatMap((one) => one?.row ?? []),
  );
  expect(applied.every((one) => one?.row.stage === "qa")).toBe(true);
}

test("plans made while the tables were empty go by the indexes when the tables are full", async () => {
  const open = await testDatabase({ connections: 1 });
  const submitMany = async (count: number) =>
    (
      await submit(
        open.db,
        Array.from({ length: count }, () => newTask(open)),
      )
    ).map(({ row }) => row);
  await carryThroughDev(open, await submitMany(1));
  const rows = await submitMany(600);
  const before = await looked(open);
  for (let start = 0; start < 100; start += 10) await carryThroughDev(open, rows.slice(start, start + 10));
  const after = await looked(open);
  expect(after.scans - before.scans).toBe(0);
  // Each task is looked up a few times, with what belongs to it; a walk over the others would be hundreds.
  expect((after.rows - before.rows) / 100).toBeLessThan(25);
});
