/**
 * The part of drizzle that we use, loaded as CommonJS: for each of the hundreds of its ES modules Node reads drizzle's large
 * package.json again, a second of CPU at the start of every process against a fifth of one this way.
 */
import { createRequire } from "node:module";

const load = createRequire(import.meta.url);

const orm: typeof import("drizzle-orm") = load("drizzle-orm");
const core: typeof import("drizzle-orm/pg-core") = load("drizzle-orm/pg-core");
const driver: typeof import("drizzle-orm/node-postgres") = load("drizzle-orm/node-postgres");
const migrator: typeof import("drizzle-orm/migrator") = load("drizzle-orm/migrator");
const applier: typeof import("drizzle-orm/node-postgres/migrator") = load("drizzle-orm/node-postgres/migrator");

export const {
  and,
  asc,
  desc,
  eq,
  exists,
  gt,
  inArray,
  isNotNull,
  isNull,
  lt,
  lte,
  ne,
  notExists,
  notInArray,
  or,
  sql,
} = orm;
export const { alias, check, customType, index, pgTable, primaryKey, uniqueIndex } = core;
export const { bigint, bigserial, boolean, integer, jsonb, numeric, smallint, text, timestamp, uuid } = core;
export const { drizzle } = driver;
export const { readMigrationFiles } = migrator;
export const { migrate: applyFiles } = applier;
export type { SQL } from "drizzle-orm";
export type { NodePgDatabase } from "drizzle-orm/node-postgres";
export type { AnyPgColumn } from "drizzle-orm/pg-core";
