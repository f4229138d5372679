/** What tests against Postgres use: an own, migrated, empty database. The server comes from `global-setup.ts`. */
import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import { withClient } from "../embedded/connect.ts";
import { databaseUrl, TEMPLATE } from "./template.ts";

export { COMPILED } from "./env.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The superuser's way into the maintenance database of the test run's server. */
    postgres_url: string;
  }
}

export type FreshDatabase = { url: string; drop: () => Promise<void> };

/** A clone of the migrated template (or of `like`) takes some 50 ms in memory: every test file, or every test, can have its own. */
export async function freshDatabase(like = TEMPLATE): Promise<FreshDatabase> {
  const server_url = inject("postgres_url");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await withClient(server_url, (client) => client.query(`create database ${name} template ${like} strategy file_copy`));
  return {
    url: databaseUrl(server_url, name),
    drop: async () => {
      await withClient(server_url, (client) => client.query(`drop database if exists ${name} with (force)`));
    },
  };
}
