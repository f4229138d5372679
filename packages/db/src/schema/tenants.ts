/** Workspaces and the tokens that open them. */

import { ROLES } from "@baton/domain";
import { index, pgTable, sql, text, uniqueIndex, uuid } from "../drizzle.ts";
import { created_at, id, oneOf, time } from "./columns.ts";

export const workspaces = pgTable("workspaces", { id: id(), name: text("name").notNull(), created_at: created_at() });

/** `hash` is the SHA-256 of the whole token, hex; the token itself is never stored. */
export const api_tokens = pgTable(
  "api_tokens",
  {
    id: id(),
    workspace_id: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    name: text("name").notNull(),
    role: text("role", { enum: ROLES }).notNull(),
    /** Stages an agent's token is limited to; null means all. */
    stages: text("stages").array(),
    prefix: text("prefix").notNull(),
    hash: text("hash").notNull(),
    created_at: created_at(),
    revoked_at: time("revoked_at"),
  },
  (table) => [
    oneOf("api_tokens_role", table.role, ROLES),
    uniqueIndex("api_tokens_hash").on(table.hash),
    index("api_tokens_workspace").on(table.workspace_id, table.id).where(sql`${table.revoked_at} is null`),
  ],
);
