/** The handoff packet: what an attempt leaves for the next one. Owns its shapes; `enrich.ts` adds what the line itself knows. */
import { z } from "zod";
import { freeObject, text } from "./text.ts";

export const ARTIFACT_TYPES = ["file", "spec", "migration", "component", "test", "config"] as const;
export const ARTIFACT_ACTIONS = ["created", "modified", "deleted"] as const;
export const PACKET_STATUSES = ["completed", "in_progress", "rejected"] as const;

/** One file that the attempt touched. `path` is relative to the repository. */
export const OutputArtifact = z.strictObject({
  type: z.enum(ARTIFACT_TYPES),
  path: text(1_000),
  action: z.enum(ARTIFACT_ACTIONS),
  description: text(2_000).optional(),
});
export type OutputArtifact = z.infer<typeof OutputArtifact>;

export const OutputDecision = z.strictObject({
  decision: text(2_000),
  rationale: text(5_000),
  alternatives_considered: z.union([text(5_000), z.array(text(2_000)).max(50)]).optional(),
});
export type OutputDecision = z.infer<typeof OutputDecision>;

export const LogEntry = z.strictObject({
  timestamp: z.iso.datetime({ offset: true }),
  event: text(500),
  detail: z.union([text(5_000), freeObject]).optional(),
});
export type LogEntry = z.infer<typeof LogEntry>;

/** Longest summary that is kept; a longer one is cut, not refused. */
export const SUMMARY_MAX = 10_000;

/** What an agent hands in. Everything else in a packet is filled in by the line. */
export const PacketDraft = z.strictObject({
  output_summary: text(262_144),
  output_artifacts: z.array(OutputArtifact).max(2_000).default([]),
  output_decisions: z.array(OutputDecision).max(200).default([]),
  output_metrics: freeObject.default({}),
  activity_log: z.array(LogEntry).max(2_000).default([]),
});
export type PacketDraft = z.infer<typeof PacketDraft>;

/** A packet may be this large as JSON, in bytes; more is 413. */
export const PACKET_MAX_BYTES = 256 * 1024;

/** A stored packet. `phase` is the stage for a task's packet and one of the eight feature phases for a feature's. */
export const Packet = z.strictObject({
  id: z.uuid(),
  feature_id: z.uuid().nullable(),
  task_id: z.uuid().nullable(),
  phase: z.string(),
  version: z.int().min(1),
  status: z.enum(PACKET_STATUSES),
  agent_id: z.string(),
  agent_type: z.string(),
  agent_name: z.string(),
  started_at: z.iso.datetime().nullable(),
  completed_at: z.iso.datetime().nullable(),
  duration_ms: z.int().nullable(),
  cost_tokens_in: z.int().nullable(),
  cost_tokens_out: z.int().nullable(),
  cost_usd: z.string().nullable(),
  input_source_phase: z.string().nullable(),
  input_source_packet_id: z.uuid().nullable(),
  input_context: z.record(z.string(), z.unknown()),
  output_summary: z.string(),
  output_artifacts: z.array(OutputArtifact),
  output_decisions: z.array(OutputDecision),
  output_metrics: z.record(z.string(), z.unknown()),
  previous_version_id: z.uuid().nullable(),
  rejection_reason: z.string().nullable(),
  diff_from_previous: z.record(z.string(), z.unknown()).nullable(),
  activity_log: z.array(LogEntry),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type Packet = z.infer<typeof Packet>;
