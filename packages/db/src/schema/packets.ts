/** Handoff packets and the findings that ride in them. Both only grow. */
import { FINDING_KINDS, PACKET_STATUSES, SEVERITIES, STAGES } from "@baton/domain";
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  smallint,
  sql,
  text,
  uniqueIndex,
  uuid,
} from "../drizzle.ts";
import { created_at, id, oneOf, time, updated_at } from "./columns.ts";
import { tasks } from "./tasks.ts";
import { features, runs } from "./work.ts";

/** A packet belongs to a task (phase = its stage) or to a feature (phase = one of the eight). */
export const handoff_packets = pgTable(
  "handoff_packets",
  {
    id: id(),
    workspace_id: uuid("workspace_id").notNull(),
    feature_id: uuid("feature_id").references(() => features.id),
    task_id: uuid("task_id"),
    phase: text("phase").notNull(),
    version: integer("version").notNull(),
    status: text("status", { enum: PACKET_STATUSES }).notNull(),
    agent_id: text("agent_id").notNull(),
    agent_type: text("agent_type").notNull(),
    agent_name: text("agent_name").notNull(),
    started_at: time("started_at"),
    completed_at: time("completed_at"),
    duration_ms: bigint("duration_ms", { mode: "number" }),
    cost_tokens_in: bigint("cost_tokens_in", { mode: "number" }),
    cost_tokens_out: bigint("cost_tokens_out", { mode: "number" }),
    /** Of a feature's packet the sum of many, each of which may be as large as money can be. */
    cost_usd: numeric("cost_usd", { precision: 38, scale: 6 }),
    input_source_phase: text("input_source_phase"),
    input_source_packet_id: uuid("input_source_packet_id"),
    input_context: jsonb("input_context").notNull(),
    output_summary: text("output_summary").notNull(),
    output_artifacts: jsonb("output_artifacts").notNull(),
    output_decisions: jsonb("output_decisions").notNull(),
    output_metrics: jsonb("output_metrics").notNull(),
    previous_version_id: uuid("previous_version_id"),
    rejection_reason: text("rejection_reason"),
    diff_from_previous: jsonb("diff_from_previous"),
    activity_log: jsonb("activity_log").notNull(),
    created_at: created_at(),
    updated_at: updated_at(),
  },
  (table) => [
    oneOf("handoff_packets_status", table.status, PACKET_STATUSES),
    check("handoff_packets_owner", sql`(${table.task_id} is null) <> (${table.feature_id} is null)`),
    check("handoff_packets_times", sql`${table.completed_at} >= ${table.started_at}`),
    uniqueIndex("handoff_packets_task")
      .on(table.task_id, table.phase, table.version)
      .where(sql`${table.task_id} is not null`),
    uniqueIndex("handoff_packets_feature")
      .on(table.feature_id, table.phase, table.version)
      .where(sql`${table.feature_id} is not null`),
  ],
);

/** What the line has summed up of a run for its feature: each state of it once, whoever comes second. */
export const feature_rollups = pgTable(
  "feature_rollups",
  {
    run_id: uuid("run_id")
      .notNull()
      .references(() => runs.id),
    phase: text("phase").notNull(),
    /** How far the run was: the number of task packets that were summed. */
    mark: integer("mark").notNull(),
    packet_id: uuid("packet_id")
      .notNull()
      .references(() => handoff_packets.id),
    created_at: created_at(),
  },
  (table) => [primaryKey({ columns: [table.run_id, table.phase, table.mark] })],
);

export const findings = pgTable(
  "findings",
  {
    id: id(),
    workspace_id: uuid("workspace_id").notNull(),
    task_id: uuid("task_id")
      .notNull()
      .references(() => tasks.id),
    packet_id: uuid("packet_id")
      .notNull()
      .references(() => handoff_packets.id),
    stage: text("stage", { enum: STAGES }).notNull(),
    fingerprint: text("fingerprint").notNull(),
    kind: text("kind", { enum: FINDING_KINDS }).notNull(),
    title: text("title").notNull(),
    description: text("description").notNull(),
    severity: text("severity", { enum: SEVERITIES }).notNull(),
    priority: smallint("priority").notNull(),
    status: text("status", { enum: ["open", "fixed"] }).notNull(),
    file: text("file"),
    line: integer("line"),
    created_at: created_at(),
  },
  (table) => [
    oneOf("findings_kind", table.kind, FINDING_KINDS),
    oneOf("findings_severity", table.severity, SEVERITIES),
    uniqueIndex("findings_once").on(table.packet_id, table.fingerprint),
    index("findings_task").on(table.task_id),
  ],
);
