/** Enrichment: what the line itself adds to a draft packet. Version, source, duration, cost and the difference from the version before. */
import type { Usage } from "./outcomes.ts";
import type { OutputArtifact, OutputDecision, PacketDraft } from "./packet.ts";
import { SUMMARY_MAX } from "./packet.ts";
import { cutText } from "./text.ts";

/** The version before, as far as a difference needs it. */
export interface PreviousPacket {
  id: string;
  version: number;
  output_summary: string;
  output_artifacts: OutputArtifact[];
  output_decisions: OutputDecision[];
}

export interface EnrichInput {
  draft: PacketDraft;
  usage: Usage;
  /** The newest packet of the same phase, null for the first. */
  previous: PreviousPacket | null;
  /** The packet this work started from. */
  source: { id: string; phase: string } | null;
}

export interface EnrichedPacket extends Omit<PacketDraft, "output_metrics"> {
  version: number;
  output_metrics: Record<string, unknown>;
  cost_tokens_in: number | null;
  cost_tokens_out: number | null;
  cost_usd: string | null;
  input_source_phase: string | null;
  input_source_packet_id: string | null;
  previous_version_id: string | null;
  diff_from_previous: PacketDiff | null;
  /** True when the summary was longer than `SUMMARY_MAX` and has been cut. */
  summary_cut: boolean;
}

export interface PacketDiff {
  summary_changed: boolean;
  artifacts_added: string[];
  artifacts_removed: string[];
  artifacts_changed: string[];
  decisions_added: string[];
  decisions_removed: string[];
}

export function enrich({ draft, usage, previous, source }: EnrichInput): EnrichedPacket {
  const output_summary = cutText(draft.output_summary, SUMMARY_MAX);
  return {
    ...draft,
    output_summary,
    version: (previous?.version ?? 0) + 1,
    cost_tokens_in: usage.tokens_in ?? null,
    cost_tokens_out: usage.tokens_out ?? null,
    cost_usd: usage.cost_usd ?? null,
    input_source_phase: source?.phase ?? null,
    input_source_packet_id: source?.id ?? null,
    previous_version_id: previous?.id ?? null,
    diff_from_previous: previous && diffPackets(previous, { ...draft, output_summary }),
    summary_cut: output_summary.length < draft.output_summary.length,
  };
}

type Comparable = Pick<PreviousPacket, "output_summary" | "output_artifacts" | "output_decisions">;

export function diffPackets(before: Comparable, after: Comparable): PacketDiff {
  const old = byPath(before.output_artifacts);
  const now = byPath(after.output_artifacts);
  const decided = new Set(before.output_decisions.map((item) => item.decision));
  const decides = new Set(after.output_decisions.map((item) => item.decision));
  return {
    summary_changed: before.output_summary !== after.output_summary,
    artifacts_added: [...now.keys()].filter((path) => !old.has(path)),
    artifacts_removed: [...old.keys()].filter((path) => !now.has(path)),
    artifacts_changed: [...now.keys()].filter((path) => old.has(path) && old.get(path) !== now.get(path)),
    decisions_added: [...decides].filter((decision) => !decided.has(decision)),
    decisions_removed: [...decided].filter((decision) => !decides.has(decision)),
  };
}

function byPath(artifacts: readonly OutputArtifact[]): Map<string, string> {
  return new Map(artifacts.map((artifact) => [artifact.path, `${artifact.type} ${artifact.action}`]));
}
