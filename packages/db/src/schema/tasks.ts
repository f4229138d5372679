/** The hot row and what lies beside it. `tasks` holds only what moves; texts are in `task_specs`, histories in tables of their own. */
import { BLOCK_KINDS, FINAL_STATES, PLACES, TASK_STATES } from "@baton/domain";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  sql,
  text,
  uniqueIndex,
  uuid,
} from "../drizzle.ts";
import { created_at, hash, oneOf, quoted, time, updated_at } from "./columns.ts";
import { projects, runs } from "./work.ts";

export const tasks = pgTable(
  "tasks",
  {
    id: uuid("id").primaryKey(),
    workspace_id: uuid("workspace_id").notNull(),
    project_id: uuid("project_id")
      .notNull()
      .references(() => projects.id),
    run_id: uuid("run_id")
      .notNull()
      .references(() => runs.id),
    stage: text("stage", { enum: PLACES }).notNull(),
    /** Like `held` without statistics: plans are used for long, and how many are ready changes by the minute. */
    state: text("state", { enum: TASK_STATES }).notNull(),
    /** Its run is paused: no lease is given. Kept here so that a claim looks at one row only. */
    held: boolean("held").notNull().default(false),
    priority: smallint("priority").notNull(),
    visit: integer("visit").notNull().default(1),
    attempt: integer("attempt").notNull().default(0),
    epoch: bigint("epoch", { mode: "number" }).notNull().default(0),
    seq: integer("seq").notNull().default(1),
    /** The hash of the newest event. Here, since the row's lock makes it the newest, which no look into `events` can. */
    ledger: hash("ledger").notNull(),
    failures: smallint("failures").notNull().default(0),
    crashes: smallint("crashes").notNull().default(0),
    rejections: smallint("rejections").notNull().default(0),
    max_failures: smallint("max_failures").notNull(),
    max_crashes: smallint("max_crashes").notNull(),
    max_rejections: smallint("max_rejections").notNull(),
    due_at: time("due_at").notNull().defaultNow(),
    lease_id: uuid("lease_id"),
    lease_expires_at: time("lease_expires_at"),
    block_kind: text("block_kind", { enum: BLOCK_KINDS }),
    block_reason: text("block_reason"),
    block_until: time("block_until"),
    /** Who passed dev last: nobody passes their own work. */
    dev_agent: text("dev_agent"),
    /** The newest packet. */
    packet_id: uuid("packet_id"),
    /** Number of the newest ticket, and when it was (or may be) sent. */
    dispatch: integer("dispatch").notNull().default(1),
    dispatched_at: time("dispatched_at").notNull().defaultNow(),
    /** The newest ticket, where it stands for other tasks as well. */
    bundle: uuid("bundle"),
    created_at: created_at(),
    updated_at: updated_at(),
    finished_at: time("finished_at"),
  },
  (table) => [
    oneOf("tasks_stage", table.stage, PLACES),
    oneOf("tasks_state", table.state, TASK_STATES),
    oneOf("tasks_block_kind", table.block_kind, BLOCK_KINDS),
    check("tasks_priority", sql`${table.priority} between 0 and 10`),
    check("tasks_finished", sql`(${table.finished_at} is not null) = (${table.state} in (${quoted(FINAL_STATES)}))`),
    check("tasks_completed", sql`(${table.stage} = 'complete') = (${table.state} = 'completed')`),
    check(
      "tasks_leased",
      sql`(${table.state} = 'running') = (${table.lease_id} is not null and ${table.lease_expires_at} is not null)`,
    ),
    check("tasks_blocked", sql`(${table.state} = 'blocked') = (${table.block_kind} is not null)`),
    check(
      "tasks_limits",
      sql`${table.failures} <= ${table.max_failures} and ${table.crashes} <= ${table.max_crashes} and ${table.rejections} <= ${table.max_rejections} + 1`,
    ),
    index("tasks_ready")
      .on(table.workspace_id, table.stage, table.run_id, table.priority.desc().nullsFirst(), table.id)
      .where(sql`${table.state} = 'pending' and not ${table.held}`),
    index("tasks_dispatched")
      .on(table.dispatched_at, table.id)
      .where(sql`${table.state} = 'pending' and not ${table.held}`),
    index("tasks_running").on(table.project_id, table.run_id, table.stage).where(sql`${table.state} = 'running'`),
    index("tasks_leases").on(table.lease_expires_at).where(sql`${table.state} = 'running'`),
    index("tasks_waiting").on(table.block_kind, table.id).where(sql`${table.state} = 'blocked'`),
    index("tasks_run").on(table.run_id, table.id),
    index("tasks_run_open")
      .on(table.run_id)
      .where(sql`${table.state} not in (${quoted(FINAL_STATES)})`),
    index("tasks_workspace").on(table.workspace_id, table.id),
    // Whoever asks for some states or stages must not walk along all that was ever completed.
    index("tasks_uncompleted").on(table.workspace_id, table.id).where(sql`${table.state} <> 'completed'`),
  ],
);

export const task_specs = pgTable(
  "task_specs",
  {
    task_id: uuid("task_id")
      .primaryKey()
      .references(() => tasks.id),
    run_id: uuid("run_id").notNull(),
    title: text("title").notNull(),
    description: text("description").notNull(),
    /** Frozen with the task. */
    acceptance_criteria: jsonb("acceptance_criteria").$type<string[]>().notNull(),
    /** Set when the task was made from a finding, with the task in which it was found. */
    finding_fingerprint: text("finding_fingerprint"),
    found_in_task_id: uuid("found_in_task_id"),
  },
  (table) => [
    uniqueIndex("task_specs_finding")
      .on(table.run_id, table.finding_fingerprint)
      .where(sql`${table.finding_fingerprint} is not null`),
  ],
);

export const task_dependencies = pgTable(
  "task_dependencies",
  {
    task_id: uuid("task_id")
      .notNull()
      .references(() => tasks.id),
    depends_on_id: uuid("depends_on_id")
      .notNull()
      .references(() => tasks.id),
  },
  (table) => [
    primaryKey({ columns: [table.task_id, table.depends_on_id] }),
    check("task_dependencies_self", sql`${table.task_id} <> ${table.depends_on_id}`),
    index("task_dependencies_on").on(table.depends_on_id),
  ],
);
