/** The migrated database every test database is a clone of: made once per test run, then closed to connections. */
import { withClient } from "../embedded/connect.ts";
import { migrate } from "../migrate.ts";

export const TEMPLATE = "baton_template";

export function databaseUrl(server_url: string, database: string): string {
  const url = new URL(server_url);
  url.pathname = `/${database}`;
  return url.href;
}

export async function makeTemplate(server_url: string): Promise<void> {
  await withClient(server_url, (client) => client.query(`create database ${TEMPLATE}`));
  await migrate(databaseUrl(server_url, TEMPLATE));
  // A database that somebody is connected to cannot be cloned.
  await withClient(server_url, (client) =>
    client.query(`alter database ${TEMPLATE} with is_template true allow_connections false`),
  );
}
