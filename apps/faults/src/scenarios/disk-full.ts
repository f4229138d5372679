/** Full disks: that of the database, and that of the artifacts. Void where no disk may be mounted. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inTurn } from "../faults/act.ts";
import { type Disk, mountDisk } from "../faults/disk.ts";
import { artifactsFull, databaseFull } from "../faults/postgres/disk-full.ts";
import type { Outcome, Round, Scenario } from "../scenario.ts";
import { underWork } from "../workload/under-work.ts";

const name = "disk-full";
const promise =
  "the disks of database and artifacts are full for a while: nothing is half kept, and it works again soon";

/** A log that is kept short, so that the disk can be small. */
const SETTINGS = { max_wal_size: "64MB", min_wal_size: "32MB" };
const SIZES_MB = { database: 400, artifacts: 100 };

export const diskFull: Scenario = {
  name,
  promise,
  unable,
  run: async (round) => {
    const database = await mountDisk(join(round.folder, "database"), SIZES_MB.database);
    // Where the frame keeps the data of Baton's processes.
    const artifacts = database && (await mountDisk(join(round.folder, "data"), SIZES_MB.artifacts));
    try {
      if (database !== null && artifacts !== null) return await worked(round, { database, artifacts });
      round.tell("void: no disk may be mounted here");
      return { planned: 2, injected: 0, violations: [], figures: {} };
    } finally {
      await artifacts?.unmount();
      await database?.unmount();
    }
  },
};

async function unable(): Promise<string | null> {
  const folder = mkdtempSync(join(tmpdir(), "baton-disk-"));
  const disk = await mountDisk(folder, 1);
  await disk?.unmount();
  rmSync(folder, { recursive: true, force: true });
  return disk === null ? "no disk may be mounted here" : null;
}

function worked(round: Round, { database, artifacts }: { database: Disk; artifacts: Disk }): Promise<Outcome> {
  const cluster = { postgres: { folder: database.folder, settings: SETTINGS } };
  const fault = inTurn(artifactsFull(artifacts), databaseFull(database));
  return underWork({ name, promise, cluster, fault }).run(round);
}
