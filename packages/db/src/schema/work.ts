/** What people ask for: projects, features and runs. */
import { FINAL_RUN_STATES, OPEN_RUN_STATES, type ProjectSettings, RUN_STATES, STAGES } from "@baton/domain";
import { boolean, check, index, jsonb, numeric, pgTable, primaryKey, smallint, sql, text, uuid } from "../drizzle.ts";
import { created_at, id, oneOf, quoted, time, updated_at } from "./columns.ts";
import { workspaces } from "./tenants.ts";

export const projects = pgTable(
  "projects",
  {
    id: id(),
    workspace_id: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    name: text("name").notNull(),
    repository_url: text("repository_url"),
    primary_branch: text("primary_branch").notNull(),
    settings: jsonb("settings").$type<ProjectSettings>().notNull(),
    /** Stages that hosted workers serve, derived from the settings when they are written. */
    hosted: text("hosted").array().notNull(),
    /** Tasks that may be leased at once: `{total?, dev?, qa?, sec?, docs?}`, derived from the settings; null without a limit. */
    capacity: jsonb("capacity").$type<Record<string, number>>(),
    created_at: created_at(),
    updated_at: updated_at(),
  },
  (table) => [index("projects_workspace").on(table.workspace_id, table.id)],
);

/** Stages of a project that give no leases until a person resumes them. */
export const stage_pauses = pgTable(
  "stage_pauses",
  {
    project_id: uuid("project_id")
      .notNull()
      .references(() => projects.id),
    stage: text("stage", { enum: STAGES }).notNull(),
    reason: text("reason").notNull(),
    /** The fault that was the same on several tasks in a row; null when a person paused it. */
    fault_fingerprint: text("fault_fingerprint"),
    paused_by: text("paused_by").notNull(),
    created_at: created_at(),
  },
  (table) => [
    primaryKey({ columns: [table.project_id, table.stage] }),
    oneOf("stage_pauses_stage", table.stage, STAGES),
  ],
);

/** Credentials and providers whose quota is used up: nobody who works with one is given a lease until then. */
export const circuits = pgTable(
  "circuits",
  {
    workspace_id: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    credential: text("credential").notNull(),
    until: time("until").notNull(),
    reason: text("reason").notNull(),
    opened_at: time("opened_at").notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.workspace_id, table.credential] })],
);

export const features = pgTable(
  "features",
  {
    id: id(),
    workspace_id: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    project_id: uuid("project_id")
      .notNull()
      .references(() => projects.id),
    title: text("title").notNull(),
    description: text("description").notNull(),
    created_at: created_at(),
    updated_at: updated_at(),
  },
  (table) => [index("features_workspace").on(table.workspace_id, table.id)],
);

export const runs = pgTable(
  "runs",
  {
    id: id(),
    workspace_id: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    project_id: uuid("project_id")
      .notNull()
      .references(() => projects.id),
    feature_id: uuid("feature_id").references(() => features.id),
    name: text("name").notNull(),
    state: text("state", { enum: RUN_STATES }).notNull().default("active"),
    approval: text("approval", { enum: ["none", "required"] }).notNull(),
    /** What a planner makes tasks of. */
    goal: text("goal"),
    /** Its share beside other runs of the same priority. */
    weight: smallint("weight").notNull().default(1),
    /** In which stages hosted workers may start by themselves. */
    triggered: text("triggered")
      .array()
      .notNull()
      .default([...STAGES]),
    budget_usd: numeric("budget_usd", { precision: 18, scale: 6 }),
    /** Its attempts have cost what it may cost: no lease is given. */
    over_budget: boolean("over_budget").notNull().default(false),
    reason: text("reason"),
    created_at: created_at(),
    updated_at: updated_at(),
    finished_at: time("finished_at"),
  },
  (table) => [
    oneOf("runs_state", table.state, RUN_STATES),
    check("runs_finished", sql`(${table.finished_at} is not null) = (${table.state} in (${quoted(FINAL_RUN_STATES)}))`),
    index("runs_workspace").on(table.workspace_id, table.id),
    check("runs_weight", sql`${table.weight} between 1 and 100`),
    index("runs_open")
      .on(table.id)
      .where(sql`${table.state} in (${quoted(OPEN_RUN_STATES)})`),
    index("runs_feature").on(table.feature_id, table.id).where(sql`${table.feature_id} is not null`),
  ],
);
