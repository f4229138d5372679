/** Talks to the embedded server as its superuser: whether it accepts queries, and making the application's database. */
import { Client } from "pg";
import { SUPERUSER } from "./cluster.ts";

export const MAINTENANCE_DATABASE = "postgres";

/** SSL is switched off in so many words, so that a PGSSLMODE of the caller's does not keep clients from connecting. */
export function serverUrl(port: number, password: string, database: string): string {
  return `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}?sslmode=disable`;
}

/** Null once the server accepts queries; until then, why it does not. */
export async function whyNoQueries(url: string): Promise<unknown> {
  try {
    await withClient(url, (client) => client.query("select 1"));
    return null;
  } catch (error) {
    return error;
  }
}

export async function ensureDatabase(url: string, name: string): Promise<void> {
  await withClient(url, async (client) => {
    const found = await client.query("select 1 from pg_database where datname = $1", [name]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  });
}

export async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  // A connection cut between two queries is told by an event, which would otherwise end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
