/** A database of a test file's own on the server of the test run. */
import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";

export interface DatabaseForTest {
  url: string;
  run(statement: string): Promise<void>;
  rows(statement: string): Promise<unknown[]>;
  drop(): Promise<void>;
}

export async function databaseForTest(): Promise<DatabaseForTest> {
  const server = inject("postgres_url");
  const name = `queue_${randomUUID().replaceAll("-", "")}`;
  await rowsFrom(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    run: async (statement) => {
      await rowsFrom(url.href, statement);
    },
    rows: (statement) => rowsFrom(url.href, statement),
    drop: async () => {
      await rowsFrom(server, `drop database if exists ${name} with (force)`);
    },
  };
}

async function rowsFrom(url: string, statement: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}
