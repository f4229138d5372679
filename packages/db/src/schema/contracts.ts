/** Contracts: what a stage sends and the next one returns. Rows with versions; the newest of an edge is in force. */
import { PLACES, STAGES } from "@baton/domain";
import { integer, jsonb, pgTable, text, uniqueIndex, uuid } from "../drizzle.ts";
import { created_at, id, oneOf } from "./columns.ts";
import { projects } from "./work.ts";

export const contracts = pgTable(
  "contracts",
  {
    id: id(),
    workspace_id: uuid("workspace_id").notNull(),
    project_id: uuid("project_id")
      .notNull()
      .references(() => projects.id),
    from_stage: text("from_stage", { enum: STAGES }).notNull(),
    to_stage: text("to_stage", { enum: PLACES }).notNull(),
    version: integer("version").notNull(),
    definition: jsonb("definition").notNull(),
    created_by: text("created_by").notNull(),
    created_at: created_at(),
  },
  (table) => [
    oneOf("contracts_from", table.from_stage, STAGES),
    oneOf("contracts_to", table.to_stage, PLACES),
    uniqueIndex("contracts_version").on(table.project_id, table.from_stage, table.to_stage, table.version),
  ],
);
