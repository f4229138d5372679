/** The draft of an attempt: what it has to say so far, kept for the next one in case it ends without a word. Owns its shape and how parts are added; storing it is others'. */
import { z } from "zod";
import { distinctFindings, Finding } from "./findings.ts";
import { LogEntry, OutputArtifact, OutputDecision, PacketDraft } from "./packet.ts";
import { freeObject } from "./text.ts";

/** A packet in the making: any of its fields. */
export const PartialPacket = z.strictObject({
  output_summary: PacketDraft.shape.output_summary.optional(),
  output_artifacts: z.array(OutputArtifact).max(2_000).optional(),
  output_decisions: z.array(OutputDecision).max(200).optional(),
  output_metrics: freeObject.optional(),
  activity_log: z.array(LogEntry).max(2_000).optional(),
});
export type PartialPacket = z.infer<typeof PartialPacket>;

/** As JSON, with its findings. Its packet may take as much of it as any packet: `PACKET_MAX_BYTES`. */
export const DRAFT_MAX_BYTES = 1024 * 1024;

export const AttemptDraft = z.object({ packet: PartialPacket, findings: z.array(Finding) });
export type AttemptDraft = z.infer<typeof AttemptDraft>;

/** What is left of an attempt that ended without a verdict, for the next one. */
export const KeptDraft = AttemptDraft.extend({
  attempt: z.int(),
  agent_id: z.string(),
  saved_at: z.iso.datetime(),
});
export type KeptDraft = z.infer<typeof KeptDraft>;

const EMPTY: AttemptDraft = { packet: {}, findings: [] };

/** Fields that are given take the place of what was there; the others stay. Findings are added, each once. */
export function addToDraft(before: AttemptDraft | null, more: Partial<AttemptDraft>): AttemptDraft {
  const { packet, findings } = before ?? EMPTY;
  return {
    packet: { ...packet, ...more.packet },
    findings: distinctFindings([...findings, ...(more.findings ?? [])]),
  };
}

const LISTED = 100;

/** The draft in lines for a prompt; empty when there is none. */
export function draftLines(draft: KeptDraft | null): string[] {
  if (draft === null) return [];
  const { packet, findings } = draft;
  return [
    ...(packet.output_summary === undefined ? [] : [packet.output_summary]),
    ...(packet.output_decisions ?? []).slice(0, LISTED).map((one) => `decided: ${one.decision} (${one.rationale})`),
    ...(packet.output_artifacts ?? []).slice(0, LISTED).map((one) => `${one.action} ${one.path}`),
    ...findings.slice(0, LISTED).map((one) => `found: [${one.severity} ${one.kind}] ${one.title}`),
  ];
}
