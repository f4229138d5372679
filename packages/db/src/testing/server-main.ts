/**
 * The program behind a test run's database server: starts one in a temporary folder and removes both as soon as the
 * run is over, in whatever way it ends.
 */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { keepServing } from "../embedded/keep-serving.ts";
import { startEmbedded } from "../embedded/server.ts";
import { temporaryRoot } from "./env.ts";

/** Nothing here outlives the run, so nothing need reach the disk. */
const THROW_AWAY = {
  ...{ fsync: "off", synchronous_commit: "off", full_page_writes: "off", max_connections: "200" },
  // It may lie in memory.
  ...{ max_wal_size: "256MB", min_wal_size: "64MB" },
};

const data_dir = await mkdtemp(join(temporaryRoot(), "baton-test-"));
// Root's server runs under another account, which must be able to enter.
await chmod(data_dir, 0o755);

await keepServing({
  start: () => startEmbedded(data_dir, { settings: THROW_AWAY }),
  url: (server) => server.maintenance_url,
  end: async (server) => {
    await server?.discard();
    await rm(data_dir, { recursive: true, force: true });
  },
});
