/** Brings a database to the schema of this version. Safe to repeat and safe when two start at once; refuses a server that is too old, and a database that is ahead. */
import { fileURLToPath } from "node:url";
import pg from "pg";
import { applyFiles, drizzle, readMigrationFiles } from "./drizzle.ts";

const FOLDER = fileURLToPath(new URL("../../../drizzle", import.meta.url));
/** Any number will do, as long as every version uses the same. */
const LOCK = 7_202_611_21;

export class DatabaseAheadError extends Error {
  override name = "DatabaseAheadError";
}

export class DatabaseTooOldError extends Error {
  override name = "DatabaseTooOldError";
}

const OLDEST_POSTGRES = 14;

/** Gives how many migrations were applied now. Throws DatabaseTooOldError, and DatabaseAheadError when a newer version has been here. */
export async function migrate(url: string): Promise<{ applied: number }> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    application_name: "baton migrate",
  });
  client.on("error", () => {});
  await client.connect();
  try {
    await refuseOld(client);
    await client.query("select pg_advisory_lock($1)", [LOCK]);
    const before = await appliedMillis(client);
    refuseAhead(before);
    await applyFiles(drizzle(client), { migrationsFolder: FOLDER });
    return { applied: (await appliedMillis(client)).length - before.length };
  } finally {
    await client.end();
  }
}

async function refuseOld(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ major: number }>(
    "select current_setting('server_version_num')::int / 10000 as major",
  );
  const major = rows[0]?.major ?? 0;
  if (major >= OLDEST_POSTGRES) return;
  throw new DatabaseTooOldError(`The server is Postgres ${major}; Baton needs ${OLDEST_POSTGRES} or newer.`);
}

async function appliedMillis(client: pg.Client): Promise<number[]> {
  const { rows } = await client.query<{ known: boolean }>(
    "select to_regclass('drizzle.__drizzle_migrations') is not null as known",
  );
  if (rows[0]?.known !== true) return [];
  const applied = await client.query<{ created_at: string }>(
    "select created_at from drizzle.__drizzle_migrations order by created_at",
  );
  return applied.rows.map((row) => Number(row.created_at));
}

function refuseAhead(applied: number[]): void {
  const known = new Set(readMigrationFiles({ migrationsFolder: FOLDER }).map((file) => file.folderMillis));
  const unknown = applied.filter((millis) => !known.has(millis));
  if (unknown.length > 0) {
    throw new DatabaseAheadError(
      `The database has ${unknown.length} migration(s) that this version of Baton does not know. Start the newer version, or use another database.`,
    );
  }
}
