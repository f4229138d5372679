/** A stranger holds a transaction open: an old snapshot, and the lock of one ready task. All others go on. */
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { readEntries } from "../../history/read.ts";
import { monotonic } from "../../history/write.ts";
import type { Ground } from "../../workload/under-work.ts";
import type { Act } from "../act.ts";
import { quantile, seenBetween } from "../seen.ts";
import { lasting } from "../strike.ts";

/** Ten minutes in the long form. */
const HELD_MS = { short: 6_000, long: 600_000 };

export const heldOpen: Act = {
  name: "postgres_held_open",
  run: async ({ cluster, history, round, history_folder, work }) => {
    const stranger = new pg.Client({ connectionString: cluster.database_url });
    stranger.on("error", () => {});
    await stranger.connect();
    const before = await work.meter.read();
    const from = monotonic();
    let locked = 0;
    try {
      const struck = await lasting(
        { history, name: "postgres transaction held open", lasts_ms: HELD_MS[round.form] },
        {
          begin: async () => {
            locked = await heldBy(stranger);
          },
          end: () => stranger.query("rollback"),
        },
      );
      const after = await work.meter.read();
      const accepted = Number(after?.accepted ?? 0) - Number(before?.accepted ?? 0);
      const stuck = {
        invariant: "work goes on beside a transaction that is held open",
        detail: "nothing was accepted",
      };
      return {
        ...struck,
        violations: accepted > 0 ? [] : [stuck],
        figures: { accepted, locked, claim_p99_ms: claimsSince(history_folder, from) },
      };
    } finally {
      await stranger.end();
    }
  },
};

const LOCK = "select id from tasks where state = 'pending' limit 1 for update skip locked";
const TRIES = 50;
const AGAIN_MS = 100;

/** Gives how many rows it holds. One that was claimed since the snapshot cannot be locked any more, and there may be none ready: it begins again. */
async function heldBy(stranger: pg.Client): Promise<number> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    await stranger.query("begin isolation level repeatable read");
    const locked = await stranger.query(LOCK).then(
      ({ rowCount }) => rowCount ?? 0,
      () => 0,
    );
    if (locked > 0) {
      await stranger.query("select count(*) from events");
      return locked;
    }
    await stranger.query("rollback");
    await pause(AGAIN_MS);
  }
  throw new Error("no task could be locked");
}

/** Of those that brought something. */
function claimsSince(history_folder: Ground["history_folder"], from: number): number {
  const brought = new Set(
    readEntries(history_folder).flatMap((entry) => (entry.type === "ok" && entry.answer.lease ? [entry.id] : [])),
  );
  const claims = seenBetween(history_folder, from, monotonic()).filter(
    ({ id, op }) => op === "claim" && brought.has(id),
  );
  return quantile(
    claims.map(({ ms }) => ms),
    0.99,
  );
}
