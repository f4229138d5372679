/** Attempts: one agent's try at one visit, and the lease under which it works. The id of an attempt is the id of its lease. */
import { FAULTS, OUTCOMES, STAGES } from "@baton/domain";
import { bigint, check, index, integer, jsonb, numeric, pgTable, sql, text, uniqueIndex, uuid } from "../drizzle.ts";
import { id, oneOf, time } from "./columns.ts";
import { contracts } from "./contracts.ts";

export const attempts = pgTable(
  "attempts",
  {
    id: id(),
    workspace_id: uuid("workspace_id").notNull(),
    task_id: uuid("task_id").notNull(),
    stage: text("stage", { enum: STAGES }).notNull(),
    visit: integer("visit").notNull(),
    attempt: integer("attempt").notNull(),
    epoch: bigint("epoch", { mode: "number" }).notNull(),
    /** Made by the caller: repeating it while the lease lives gives the same lease. */
    claim_id: text("claim_id").notNull(),
    /** The token it was claimed with; null for a hosted worker. */
    token_id: uuid("token_id"),
    agent_id: text("agent_id").notNull(),
    agent_kind: text("agent_kind"),
    agent_model: text("agent_model"),
    agent_version: text("agent_version"),
    /** What the agent pays with: a provider or one of its credentials, by a name of its own. */
    credential: text("credential"),
    /** The role whose prompt it was given, and which. */
    role: text("role"),
    role_version: integer("role_version"),
    prompt_sha256: text("prompt_sha256"),
    /** The contract in force when the lease was given; null for the one that ships with the product. */
    contract_id: uuid("contract_id").references(() => contracts.id),
    lease_ms: integer("lease_ms").notNull(),
    started_at: time("started_at").notNull().defaultNow(),
    heartbeat_at: time("heartbeat_at").notNull().defaultNow(),
    ended_at: time("ended_at"),
    outcome: text("outcome", { enum: OUTCOMES }),
    fault: text("fault", { enum: FAULTS }),
    message: text("message"),
    tokens_in: bigint("tokens_in", { mode: "number" }),
    tokens_out: bigint("tokens_out", { mode: "number" }),
    cost_usd: numeric("cost_usd", { precision: 18, scale: 6 }),
    model: text("model"),
    /** What the agent last said it was doing. */
    progress: text("progress"),
    /** The second clock: when something new was last seen of the work, and what it was. */
    progress_at: time("progress_at").notNull().defaultNow(),
    progress_mark: text("progress_mark"),
    /** No lease lives longer, whatever its heartbeats say. */
    deadline_at: time("deadline_at"),
    /** A packet in the making: kept, so that a crash loses no finished thought. */
    draft: jsonb("draft"),
    draft_at: time("draft_at"),
    /** Tells failures of the same kind apart from others. */
    fault_fingerprint: text("fault_fingerprint"),
  },
  (table) => [
    oneOf("attempts_stage", table.stage, STAGES),
    oneOf("attempts_outcome", table.outcome, OUTCOMES),
    oneOf("attempts_fault", table.fault, FAULTS),
    check("attempts_ended", sql`(${table.ended_at} is null) = (${table.outcome} is null)`),
    uniqueIndex("attempts_epoch").on(table.task_id, table.epoch),
    // Nothing of how it ends stands in an index: its end is written beside its beginning, and the indexes stay as they are.
    index("attempts_started").on(table.stage, table.started_at),
    uniqueIndex("attempts_claim").on(table.workspace_id, table.claim_id),
  ],
);
