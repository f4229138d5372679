/** Brings BullMQ's tables in Postgres up to date. Safe when several processes do it at once. */
import {
  assertSchemaCompatibility,
  LATEST_SCHEMA_VERSION,
  runMigrations,
  SchemaMigrationRequiredError,
  SchemaVersionMismatchError,
  UnsupportedPostgresVersionError,
} from "bullmq";
import pg from "pg";
import { placeOf, QueueUnfit, SCHEMA, saidBy } from "../backend.ts";
import { isPassing } from "./connection.ts";

export async function preparePostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000, query_timeout: 60_000 });
  client.on("error", () => {});
  try {
    await client.connect();
    // Looked at first: a role that may not create anything can still use what is there.
    if ((await versionOf(client)) < LATEST_SCHEMA_VERSION) await runMigrations(client, SCHEMA);
  } catch (error) {
    throw unfit(error, placeOf(url)) ?? error;
  } finally {
    await client.end();
  }
}

async function versionOf(client: pg.Client): Promise<number> {
  try {
    return await assertSchemaCompatibility(client, SCHEMA);
  } catch (error) {
    if (error instanceof SchemaMigrationRequiredError) return 0;
    throw error;
  }
}

const NOT_ALLOWED = /^(42501|28)/;

function unfit(error: unknown, place: string): QueueUnfit | undefined {
  const said = saidBy(error);
  if (error instanceof UnsupportedPostgresVersionError) {
    return new QueueUnfit(
      "too_old",
      `Postgres at ${place} is too old: Baton needs 14 or newer. Leave DATABASE_URL out for one of its own.`,
      error,
    );
  }
  if (error instanceof SchemaVersionMismatchError) {
    const advice = "A newer Baton has used it; start that one.";
    return new QueueUnfit(
      "schema_ahead",
      `The schema ${SCHEMA} at ${place} is ahead of this program. ${advice}`,
      error,
    );
  }
  if (error instanceof pg.DatabaseError && NOT_ALLOWED.test(error.code ?? "")) {
    const advice = `Give the role of DATABASE_URL the right to create the schema ${SCHEMA}, or to use it.`;
    return new QueueUnfit("not_allowed", `Postgres at ${place} refuses us: ${said}. ${advice}`, error);
  }
  if (!isPassing(error)) return undefined;
  const advice = "Start it or correct DATABASE_URL.";
  return new QueueUnfit("unreachable", `Postgres at ${place} cannot be reached: ${said}. ${advice}`, error);
}
