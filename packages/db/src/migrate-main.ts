/** The migrate program: brings the database at DATABASE_URL up to date and exits. 78 means that it must not be used by this version. */
import { databaseUrl } from "./env.ts";
import { DatabaseAheadError, DatabaseTooOldError, migrate } from "./migrate.ts";

try {
  const { applied } = await migrate(databaseUrl());
  console.log(
    JSON.stringify({ msg: applied === 0 ? "the database is up to date" : `applied ${applied} migration(s)` }),
  );
} catch (error) {
  console.error(JSON.stringify({ msg: error instanceof Error ? error.message : String(error) }));
  process.exitCode = error instanceof DatabaseAheadError || error instanceof DatabaseTooOldError ? 78 : 1;
}
