/** The disk of the database is full, and then that of the artifacts. What cannot be kept is refused, nothing is half kept, and all is well soon after there is room again. */
import { statfsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { monotonic } from "../../history/write.ts";
import type { Violation } from "../../scenario.ts";
import type { Act } from "../act.ts";
import type { Disk } from "../disk.ts";
import { judgeLooks, lookOn } from "../look-on.ts";
import { membersBack } from "../members-back.ts";
import { seenBetween } from "../seen.ts";
import { lasting } from "../strike.ts";

const FULL_MS = { short: 6_000, long: 60_000 };
const WORKS_AGAIN_S = 30;
const DISK_FULL = "53100";

export function databaseFull(disk: Disk): Act {
  return {
    name: "database_full",
    run: async ({ cluster, history, round }) => {
      const stop_looking = lookOn(cluster);
      const struck = await lasting(
        { history, name: "disk of the database full", lasts_ms: FULL_MS[round.form] },
        { begin: () => fillUntilFelt(disk, cluster.database_url), end: disk.relieve },
      );
      const from = performance.now();
      // Where not even its log had room it has ended, and an operator starts it again.
      await cluster.postgres.start();
      const { missing } = await membersBack(cluster);
      const seconds = (performance.now() - from) / 1_000;
      const violations = judgeLooks(await stop_looking());
      if (seconds > WORKS_AGAIN_S || missing.length > 0) {
        const detail = `${seconds.toFixed(1)} s; missing: ${missing.join(", ")}`;
        violations.push({ invariant: `it works again within ${WORKS_AGAIN_S} s`, detail });
      }
      return { ...struck, violations, figures: { works_again_s: seconds } };
    },
  };
}

/** Only what the database itself says counts. */
async function fillUntilFelt(disk: Disk, database_url: string): Promise<void> {
  const stranger = new pg.Client({ connectionString: database_url });
  stranger.on("error", () => {});
  await stranger.connect();
  try {
    await stranger.query("create table if not exists public.ballast (filler text)");
    disk.fill();
    const more = "insert into public.ballast select gen_random_uuid()::text from generate_series(1, 50000)";
    const code = await stranger.query(more).then(
      () => "nothing",
      (error: { code?: string }) => error.code ?? "a cut connection",
    );
    if (code === "nothing") throw new Error("the disk is not full");
    if (code !== DISK_FULL && code !== "a cut connection") throw new Error(`the database says ${code}`);
  } finally {
    await stranger.end().catch(() => {});
  }
}

/** Claims and results without files go on. */
export function artifactsFull(disk: Disk): Act {
  return {
    name: "artifacts_full",
    run: async ({ cluster, history, round, history_folder, work }) => {
      const before = await work.meter.read();
      const stop_looking = lookOn(cluster);
      const from = monotonic();
      let refused = 0;
      const struck = await lasting(
        { history, name: "disk of the artifacts full", lasts_ms: FULL_MS[round.form] },
        {
          begin: () => {
            disk.fill();
            if (statfsSync(disk.folder).bavail > 0) throw new Error("the disk is not full");
          },
          end: async () => {
            refused = await refusedFor(history_folder, from);
            disk.relieve();
            // Where nobody wanted to leave a file, nothing was shown.
            if (refused === 0) throw new Error("nothing was refused for want of room");
          },
        },
      );
      await pause(100);
      const accepted = Number((await work.meter.read())?.accepted ?? 0) - Number(before?.accepted ?? 0);
      const violations: Violation[] = judgeLooks(await stop_looking());
      if (!(accepted > 0)) {
        violations.push({ invariant: "work without files goes on", detail: "nothing was accepted" });
      }
      return { ...struck, violations, figures: { accepted, refused } };
    },
  };
}

const WANTED_MS = 30_000;
const AGAIN_MS = 500;

/** An API says "later" or that there is no room; a hosted worker hears it from the store itself. */
const NO_ROOM = /^50[37] |ENOSPC/;

/** How many files have been refused since then, while all but their disk was well; the first one is waited for. */
async function refusedFor(history_folder: string, from: number): Promise<number> {
  const limit = performance.now() + WANTED_MS;
  for (;;) {
    const seen = seenBetween(history_folder, from, monotonic());
    const refused = seen.filter(({ op, reason }) => op === "artifact" && NO_ROOM.test(reason)).length;
    if (refused > 0 || performance.now() > limit) return refused;
    await pause(AGAIN_MS);
  }
}
