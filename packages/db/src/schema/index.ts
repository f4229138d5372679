/** The whole schema: read tenants, work, tasks, attempts, packets, log. `drizzle-kit generate` turns it into the SQL in `drizzle/`. */

export * from "./agents.ts";
export * from "./artifacts.ts";
export * from "./attempts.ts";
export * from "./contracts.ts";
export * from "./log.ts";
export * from "./packets.ts";
export * from "./tasks.ts";
export * from "./tenants.ts";
export * from "./work.ts";
