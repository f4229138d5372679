/** Handoff packets of a feature and its audit trail on the wire. */
import { z } from "zod";
import { Usage } from "../outcomes.ts";
import { PACKET_STATUSES, Packet, PacketDraft } from "../packet.ts";
import { PHASE_NAMES } from "../phases.ts";
import { freeObject } from "../text.ts";
import { Id, listOf, Name, Note, Page, Time } from "./fields.ts";
import { FeatureView } from "./projects.ts";

const PhaseName = z.enum(PHASE_NAMES);

const YEARS = { min: Date.UTC(2000), end: Date.UTC(2100) };

/** With an offset or Z; milliseconds are kept. */
const GivenTime = z.iso
  .datetime({ offset: true, abort: true })
  .refine(
    (time) => YEARS.min <= Date.parse(time) && Date.parse(time) < YEARS.end,
    "must lie in the years 2000 to 2099",
  );
/** Milliseconds; at most a hundred years. */
const Duration = z
  .int()
  .min(0)
  .max(YEARS.end - YEARS.min);

export const CreateFeaturePacket = z
  .strictObject({
    phase: PhaseName,
    status: z.enum(PACKET_STATUSES).default("completed"),
    agent_id: Name,
    agent_name: Name,
    /** Left out: the phase's. */
    agent_type: Name.optional(),
    started_at: GivenTime.optional(),
    /** Left out: now, by the database's clock. Work in progress has none. */
    completed_at: GivenTime.optional(),
    /** Left out: the time between the two. */
    duration_ms: Duration.optional(),
    cost_tokens_in: Usage.shape.tokens_in,
    cost_tokens_out: Usage.shape.tokens_out,
    cost_usd: Usage.shape.cost_usd,
    /** Left out: the phase of the newest completed packet of an earlier phase. */
    input_source_phase: PhaseName.optional(),
    input_context: freeObject.default({}),
    ...PacketDraft.shape,
    rejection_reason: Note.optional(),
    /** What the caller believes will be written: any other number is refused. */
    version: z.int().min(1).optional(),
  })
  .refine(({ status, completed_at }) => status !== "in_progress" || completed_at === undefined, {
    path: ["completed_at"],
    error: "must be left out while the status is in_progress",
  })
  .meta({ id: "CreateFeaturePacket" });
export type CreateFeaturePacket = z.infer<typeof CreateFeaturePacket>;

const Place = { phase_order: z.int().min(1).max(8), phase_label: z.string() };

export const FeaturePacketAnswer = z.object({
  packet: Packet,
  ...Place,
  /** The summary was longer than 10,000 characters and has been cut. */
  summary_cut: z.boolean(),
});
export type FeaturePacketAnswer = z.infer<typeof FeaturePacketAnswer>;

export const ListFeaturePackets = z.strictObject(Page);
export type ListFeaturePackets = z.infer<typeof ListFeaturePackets>;
/** By phase, the newest version first. */
export const FeaturePacketList = listOf(Packet.extend(Place));
export type FeaturePacketList = z.infer<typeof FeaturePacketList>;

const Figures = {
  duration_ms: z.int(),
  tokens_in: z.int(),
  tokens_out: z.int(),
  cost_usd: z.string(),
};

const TrailVersion = z.object({
  ...{ id: Id, version: z.int(), status: z.enum(PACKET_STATUSES), agent_name: z.string() },
  ...{ started_at: Time.nullable(), completed_at: Time.nullable(), duration_ms: z.int().nullable() },
  ...{ cost_tokens_in: z.int().nullable(), cost_tokens_out: z.int().nullable(), cost_usd: z.string().nullable() },
});

const TrailPhase = z.object({
  ...{ phase: PhaseName, ...Place, agent: z.string(), agent_type: z.string() },
  state: z.enum(["done", "active", "rejected", "waiting"]),
  /** The current one. */
  packet: Packet.nullable(),
  /** All of them, newest first. */
  versions: z.array(TrailVersion),
  rejections: z.int(),
  ...Figures,
});

export const AuditTrail = z
  .object({
    feature: FeatureView,
    current_phase: PhaseName,
    /** All eight in their order. Their figures are the sums of all versions. */
    phases: z.array(TrailPhase),
    /** The sums of the phases. */
    totals: z.object(Figures),
    percent: z.int().min(0).max(100),
    /** Oldest first. */
    events: z.array(
      z.object({
        ...{ at: Time, phase: PhaseName, version: z.int() },
        kind: z.enum(["started", "completed", "rejected", "log"]),
        text: z.string(),
      }),
    ),
  })
  .meta({ id: "AuditTrail" });
export type AuditTrail = z.infer<typeof AuditTrail>;
