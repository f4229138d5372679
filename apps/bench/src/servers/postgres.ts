/** A throw-away Postgres: the embedded one in a temporary folder, as durable as a user's, with a migrated database for each round. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { z } from "zod";
import { runProgram, startProgram } from "./program.ts";

const SERVER = fileURLToPath(new URL("../../../../packages/db/src/embedded/main.ts", import.meta.url));
const MIGRATE = fileURLToPath(new URL("../../../../packages/db/src/migrate-main.ts", import.meta.url));

export interface PostgresServer {
  version: string;
  /** The program whose descendants the server's processes are. */
  pid: number;
  freshDatabase(): Promise<FreshDatabase>;
  stop(): Promise<void>;
}

export interface FreshDatabase {
  url: string;
  drop(): Promise<void>;
}

const TEMPLATE = "bench_template";
const ready = z.object({ url: z.string() });

export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), "baton-bench-"));
  // Root's server runs under another account, which must be able to enter.
  await chmod(folder, 0o755);
  const program = await startProgram(SERVER, { BATON_DATA_DIR: folder });
  const { url } = ready.parse(program.message);
  await rowsFrom(url, `create database ${TEMPLATE}`);
  await runProgram(MIGRATE, { DATABASE_URL: urlOf(url, TEMPLATE) });
  const [found] = await rowsFrom<{ server_version: string }>(url, "show server_version");
  return {
    version: found?.server_version ?? "unknown",
    pid: program.pid,
    freshDatabase: () => freshDatabase(url),
    stop: async () => {
      await program.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

let made = 0;

async function freshDatabase(server_url: string): Promise<FreshDatabase> {
  made += 1;
  const name = `bench_${made}`;
  await rowsFrom(server_url, `create database ${name} template ${TEMPLATE}`);
  return {
    url: urlOf(server_url, name),
    drop: async () => {
      await rowsFrom(server_url, `drop database ${name} with (force)`);
    },
  };
}

function urlOf(server_url: string, database: string): string {
  const url = new URL(server_url);
  url.pathname = `/${database}`;
  return url.href;
}

/** One statement on a connection of its own. */
export async function rowsFrom<R>(url: string, statement: string): Promise<R[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows as R[];
  } finally {
    await client.end();
  }
}
