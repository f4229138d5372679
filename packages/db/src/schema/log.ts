/** What happened and what has to be told: events (never edited), the outbox (rows wait until they are sent), and answers kept for repeated requests. */
import { CHARGES, EVENT_TYPES, PLACES, placeEdges, STAGES, stateEdges, TASK_STATES } from "@baton/domain";
import {
  bigint,
  bigserial,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  sql,
  text,
  uuid,
} from "../drizzle.ts";
import { created_at, hash, oneOf, quoted, time } from "./columns.ts";

export const events = pgTable(
  "events",
  {
    workspace_id: uuid("workspace_id").notNull(),
    task_id: uuid("task_id").notNull(),
    seq: integer("seq").notNull(),
    type: text("type", { enum: EVENT_TYPES }).notNull(),
    from_stage: text("from_stage", { enum: PLACES }).notNull(),
    from_state: text("from_state", { enum: [...TASK_STATES, "new"] }).notNull(),
    to_stage: text("to_stage", { enum: PLACES }).notNull(),
    to_state: text("to_state", { enum: TASK_STATES }).notNull(),
    charged: text("charged", { enum: CHARGES }).notNull(),
    visit: integer("visit").notNull(),
    attempt: integer("attempt").notNull(),
    epoch: bigint("epoch", { mode: "number" }).notNull(),
    /** Who did it: an agent's id, a token's name, or `baton`. */
    actor: text("actor").notNull(),
    at: time("at").notNull().defaultNow(),
    data: jsonb("data").$type<Record<string, unknown>>().notNull(),
    /** SHA-256 over the hash of the event before and everything above: `event_hash` in the migrations. */
    hash: hash("hash").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.task_id, table.seq] }),
    oneOf("events_type", table.type, EVENT_TYPES),
    check("events_state_edge", sql`${table.from_state} || '>' || ${table.to_state} in (${quoted(stateEdges())})`),
    check("events_stage_edge", sql`${table.from_stage} || '>' || ${table.to_stage} in (${quoted(placeEdges())})`),
  ],
);

/** Tickets that were committed with a change and are not in the queue yet. A sent one is deleted. */
export const outbox = pgTable(
  "outbox",
  {
    id: bigserial("id", { mode: "number" }).primaryKey(),
    task_id: uuid("task_id").notNull(),
    stage: text("stage", { enum: STAGES }).notNull(),
    visit: integer("visit").notNull(),
    dispatch: integer("dispatch").notNull(),
    /** Rows of one bundle are one ticket. */
    bundle: uuid("bundle"),
    /** By the database's clock; a retry's ticket waits here, not in the queue. */
    not_before: time("not_before").notNull().defaultNow(),
    created_at: created_at(),
  },
  (table) => [oneOf("outbox_stage", table.stage, STAGES), index("outbox_due").on(table.not_before)],
);

export const idempotency_keys = pgTable(
  "idempotency_keys",
  {
    token_id: uuid("token_id").notNull(),
    route: text("route").notNull(),
    key: text("key").notNull(),
    request_hash: text("request_hash").notNull(),
    status: smallint("status").notNull(),
    body: text("body").notNull(),
    created_at: created_at(),
  },
  (table) => [
    primaryKey({ columns: [table.token_id, table.route, table.key] }),
    index("idempotency_keys_age").on(table.created_at),
  ],
);
