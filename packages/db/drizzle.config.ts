/** Where drizzle-kit finds the schema and puts the SQL that it makes of it. */
import { defineConfig } from "drizzle-kit";

export default defineConfig({ dialect: "postgresql", schema: "./packages/db/src/schema/index.ts", out: "./drizzle" });
