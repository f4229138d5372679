/** Handoff packets of features: left by callers outside the line, listed, and written by whoever holds the feature's lock. */
import {
  type Db,
  type FeatureRow,
  findFeature,
  insertFeaturePacket,
  lockFeature,
  newestCompleted,
  newestFeaturePacket,
  newId,
  pageOfFeaturePackets,
} from "@baton/db";
import {
  enrich,
  isPhase,
  ok,
  type Packet,
  type PacketDraft,
  type PacketTimes,
  PHASES,
  type Phase,
  phasesBefore,
  type Result,
  refused,
  settleTimes,
  type Usage,
} from "@baton/domain";
import type {
  CreateFeaturePacket,
  FeaturePacketAnswer,
  FeaturePacketList,
  ListFeaturePackets,
} from "@baton/domain/api";
import { inTransaction, type Line } from "./line.ts";
import type { Principal } from "./principal.ts";

export const NO_FEATURE = refused("not_found", "There is no such feature.");

export async function addFeaturePacket(
  line: Line,
  who: Principal,
  input: CreateFeaturePacket & { id: string },
): Promise<Result<FeaturePacketAnswer>> {
  return inTransaction(line, async ({ db }): Promise<Result<FeaturePacketAnswer>> => {
    const locked = await lockFeature(db, who.workspace_id, input.id);
    if (locked === null) return NO_FEATURE;
    const { started_at, completed_at, ...given } = input;
    const times = settleTimes(
      { ...given, started_at: dateOf(started_at), completed_at: dateOf(completed_at) },
      locked.now,
    );
    if (!times.ok) return times;
    const { output_summary, output_artifacts, output_decisions, output_metrics, activity_log } = input;
    const { cost_tokens_in: tokens_in, cost_tokens_out: tokens_out, cost_usd } = input;
    const written = await writeFeaturePacket(db, locked.feature, {
      ...input,
      agent_type: input.agent_type ?? PHASES[input.phase].agent_type,
      draft: { output_summary, output_artifacts, output_decisions, output_metrics, activity_log },
      usage: { tokens_in, tokens_out, cost_usd },
      times: times.value,
      rejection_reason: input.rejection_reason ?? null,
    });
    if (!written.ok) return written;
    const { packet, summary_cut } = written.value;
    return ok({ packet, ...placeOf(packet), summary_cut });
  });
}

function dateOf(time: string | undefined): Date | undefined {
  return time === undefined ? undefined : new Date(time);
}

/** Everything of a feature's packet that does not follow from the packets before it. */
export interface NewFeaturePacket {
  phase: Phase;
  status: Packet["status"];
  agent_id: string;
  agent_type: string;
  agent_name: string;
  draft: PacketDraft;
  usage: Usage;
  times: PacketTimes;
  input_context: Record<string, unknown>;
  /** Null or left out: the newest completed packet of an earlier phase is the source. */
  input_source_phase?: Phase | undefined;
  rejection_reason: string | null;
  /** What the writer believes will be written; refused with `conflict` when it is not so. */
  version?: number | undefined;
}

/** The feature's lock must be held. */
export async function writeFeaturePacket(
  db: Db,
  feature: FeatureRow,
  given: NewFeaturePacket,
): Promise<Result<{ packet: Packet; summary_cut: boolean }>> {
  const { phase, status, agent_id, agent_type, agent_name, input_context, rejection_reason } = given;
  const previous = await newestFeaturePacket(db, feature.id, phase);
  const { input_source_phase: named } = given;
  const source = await newestCompleted(db, feature.id, named === undefined ? phasesBefore(phase) : [named]);
  const { summary_cut, ...enriched } = enrich({ draft: given.draft, usage: given.usage, previous, source });
  if (given.version !== undefined && given.version !== enriched.version) {
    return refused("conflict", `The next version of ${phase} is ${enriched.version}, not ${given.version}.`);
  }
  const packet = await insertFeaturePacket(db, {
    ...enriched,
    ...{ id: newId(), workspace_id: feature.workspace_id, feature_id: feature.id },
    ...{ phase, status, agent_id, agent_type, agent_name, input_context, rejection_reason, ...given.times },
    input_source_phase: source?.phase ?? named ?? null,
  });
  return ok({ packet, summary_cut });
}

function placeOf({ phase }: Packet): { phase_order: number; phase_label: string } {
  if (!isPhase(phase)) throw new Error(`a feature's packet has the phase ${phase}`);
  return { phase_order: PHASES[phase].order, phase_label: PHASES[phase].label };
}

export async function listFeaturePackets(
  line: Line,
  who: Principal,
  { id, limit, cursor }: ListFeaturePackets & { id: string },
): Promise<Result<FeaturePacketList>> {
  if ((await findFeature(line.db, who.workspace_id, id)) === null) return NO_FEATURE;
  const packets = await pageOfFeaturePackets(line.db, id, { limit: limit + 1, after: cursor ?? null });
  if (packets === null) {
    const detail = "is not the next_cursor of a page of this feature's packets";
    return refused("invalid_request", `The cursor ${detail}.`, { errors: [{ pointer: "/query/cursor", detail }] });
  }
  const items = packets.slice(0, limit).map((packet) => ({ ...packet, ...placeOf(packet) }));
  return ok({ items, next_cursor: packets.length > limit ? (items.at(-1)?.id ?? null) : null });
}
