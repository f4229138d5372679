/** Files with a checksum: what the store holds (blobs), what attempts left (artifacts, and where they went), evidence (proofs). */
import { PLACES, PROOF_KINDS, STAGES } from "@baton/domain";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  pgTable,
  primaryKey,
  sql,
  text,
  uniqueIndex,
  uuid,
} from "../drizzle.ts";
import { attempts } from "./attempts.ts";
import { created_at, id, oneOf, time } from "./columns.ts";
import { contracts } from "./contracts.ts";
import { tasks } from "./tasks.ts";
import { projects, runs } from "./work.ts";

/** One content of the store, under its SHA-256 in hex. There is no row without the file. */
export const blobs = pgTable(
  "blobs",
  {
    checksum: text("checksum").primaryKey(),
    size_bytes: bigint("size_bytes", { mode: "number" }).notNull(),
    created_at: created_at(),
    /** When it was last put: what nobody refers to is kept for a day after. */
    used_at: time("used_at").notNull().defaultNow(),
  },
  (table) => [
    check("blobs_checksum", sql`${table.checksum} ~ '^[0-9a-f]{64}$'`),
    index("blobs_used").on(table.used_at),
  ],
);

/** A file that an attempt left, by name. Never changed: the newest of a name counts. */
export const artifacts = pgTable(
  "artifacts",
  {
    id: id(),
    workspace_id: uuid("workspace_id").notNull(),
    task_id: uuid("task_id")
      .notNull()
      .references(() => tasks.id),
    lease_id: uuid("lease_id")
      .notNull()
      .references(() => attempts.id),
    stage: text("stage", { enum: STAGES }).notNull(),
    visit: integer("visit").notNull(),
    epoch: bigint("epoch", { mode: "number" }).notNull(),
    name: text("name").notNull(),
    media_type: text("media_type").notNull(),
    checksum: text("checksum")
      .notNull()
      .references(() => blobs.checksum),
    size_bytes: bigint("size_bytes", { mode: "number" }).notNull(),
    created_by: text("created_by").notNull(),
    created_at: created_at(),
  },
  (table) => [
    oneOf("artifacts_stage", table.stage, STAGES),
    index("artifacts_task").on(table.task_id, table.id),
    index("artifacts_lease").on(table.lease_id, table.name, table.id),
    index("artifacts_checksum").on(table.checksum),
  ],
);

/** An artifact that went on to the next stage with its handoff. */
export const artifact_transfers = pgTable(
  "artifact_transfers",
  {
    artifact_id: uuid("artifact_id")
      .notNull()
      .references(() => artifacts.id),
    /** Where it went. */
    stage: text("stage", { enum: PLACES }).notNull(),
    transferred_at: time("transferred_at").notNull().defaultNow(),
    /** Of the bytes as they were read again for the transfer. */
    transfer_checksum: text("transfer_checksum").notNull(),
    status: text("status", { enum: ["done"] }).notNull(),
    contract_id: uuid("contract_id").references(() => contracts.id),
    /** Null when no schema was asked of it. */
    schema_valid: boolean("schema_valid"),
  },
  (table) => [
    primaryKey({ columns: [table.artifact_id, table.stage] }),
    oneOf("artifact_transfers_stage", table.stage, PLACES),
    oneOf("artifact_transfers_status", table.status, ["done"]),
  ],
);

/** Evidence of work, from agents, from people and from the line itself. */
export const proofs = pgTable(
  "proofs",
  {
    id: id(),
    workspace_id: uuid("workspace_id").notNull(),
    project_id: uuid("project_id")
      .notNull()
      .references(() => projects.id),
    task_id: uuid("task_id")
      .notNull()
      .references(() => tasks.id),
    run_id: uuid("run_id").references(() => runs.id),
    stage: text("stage", { enum: STAGES }),
    lease_id: uuid("lease_id").references(() => attempts.id),
    kind: text("kind", { enum: PROOF_KINDS }).notNull(),
    name: text("name").notNull(),
    /** One line for people and agents. */
    summary: text("summary").notNull(),
    media_type: text("media_type").notNull(),
    checksum: text("checksum")
      .notNull()
      .references(() => blobs.checksum),
    size_bytes: bigint("size_bytes", { mode: "number" }).notNull(),
    created_by: text("created_by").notNull(),
    /** Who says it: the line itself, an agent or a person. */
    source: text("source", { enum: ["line", "agent", "person"] }).notNull(),
    /** Where a file that was taken in afterwards lay; taken in again it is the same proof. */
    origin: text("origin"),
    created_at: created_at(),
  },
  (table) => [
    oneOf("proofs_kind", table.kind, PROOF_KINDS),
    oneOf("proofs_stage", table.stage, STAGES),
    oneOf("proofs_source", table.source, ["line", "agent", "person"]),
    uniqueIndex("proofs_origin")
      .on(table.task_id, table.origin, table.checksum)
      .where(sql`${table.origin} is not null`),
    index("proofs_task").on(table.task_id, table.id),
    index("proofs_project").on(table.project_id, table.id),
    index("proofs_checksum").on(table.checksum),
  ],
);
