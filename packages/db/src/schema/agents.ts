/** What agents are told: roles with their prompts, messages left by people, and plans made before the line. */
import { bigint, index, integer, jsonb, pgTable, sql, text, uniqueIndex, uuid } from "../drizzle.ts";
import { created_at, id, oneOf, time, updated_at } from "./columns.ts";
import { tasks } from "./tasks.ts";
import { workspaces } from "./tenants.ts";
import { runs } from "./work.ts";

/** A change makes a new version; the newest is in force. */
export const role_configs = pgTable(
  "role_configs",
  {
    id: id(),
    workspace_id: uuid("workspace_id")
      .notNull()
      .references(() => workspaces.id),
    role: text("role").notNull(),
    version: integer("version").notNull(),
    definition: jsonb("definition").notNull(),
    created_by: text("created_by").notNull(),
    created_at: created_at(),
  },
  (table) => [uniqueIndex("role_configs_version").on(table.workspace_id, table.role, table.version)],
);

/** Words for whoever holds the task, given with the next heartbeat. */
export const task_messages = pgTable(
  "task_messages",
  {
    id: id(),
    workspace_id: uuid("workspace_id").notNull(),
    task_id: uuid("task_id")
      .notNull()
      .references(() => tasks.id),
    author: text("author").notNull(),
    text: text("text").notNull(),
    created_at: created_at(),
    delivered_at: time("delivered_at"),
    /** The lease whose heartbeat took it. */
    lease_id: uuid("lease_id"),
  },
  (table) => [
    index("task_messages_task").on(table.task_id, table.id),
    index("task_messages_waiting").on(table.task_id).where(sql`${table.delivered_at} is null`),
  ],
);

export const PLAN_STATES = ["open", "leased", "completed", "failed"] as const;

/** The step before the line: a planner turns the goal of a run into tasks. */
export const plans = pgTable(
  "plans",
  {
    id: id(),
    workspace_id: uuid("workspace_id").notNull(),
    run_id: uuid("run_id")
      .notNull()
      .references(() => runs.id),
    goal: text("goal").notNull(),
    state: text("state", { enum: PLAN_STATES }).notNull().default("open"),
    epoch: bigint("epoch", { mode: "number" }).notNull().default(0),
    claim_id: text("claim_id"),
    token_id: uuid("token_id"),
    agent_id: text("agent_id"),
    lease_ms: integer("lease_ms"),
    lease_expires_at: time("lease_expires_at"),
    role_version: integer("role_version"),
    prompt_sha256: text("prompt_sha256"),
    packet: jsonb("packet"),
    reason: text("reason"),
    created_at: created_at(),
    updated_at: updated_at(),
  },
  (table) => [
    oneOf("plans_state", table.state, PLAN_STATES),
    index("plans_run").on(table.run_id, table.id),
    uniqueIndex("plans_open").on(table.run_id).where(sql`${table.state} in ('open', 'leased')`),
  ],
);
