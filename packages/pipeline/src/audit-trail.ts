/** The audit trail of a feature, read and told in one call. What it says is summed up in domain. */
import { findFeature, logsOf, packetsById, trailPackets } from "@baton/db";
import { ok, type Packet, PHASES, type PhaseTrail, type Result, auditTrail as trailOf } from "@baton/domain";
import type { AuditTrail } from "@baton/domain/api";
import { NO_FEATURE } from "./feature-packets.ts";
import type { Line } from "./line.ts";
import type { Principal } from "./principal.ts";
import { featureView } from "./views.ts";

/** Of how many packets, the newest ones, the activity log is told. */
const LOGS_MAX = 100;

/** Packets never change: what is read after the first look belongs to what was seen then. */
export async function getAuditTrail(line: Line, who: Principal, { id }: { id: string }): Promise<Result<AuditTrail>> {
  const feature = await findFeature(line.db, who.workspace_id, id);
  if (feature === null) return NO_FEATURE;
  const packets = await trailPackets(line.db, id);
  const logs = await logsOf(
    line.db,
    packets.slice(-LOGS_MAX).map((packet) => packet.id),
  );
  const trail = trailOf(packets.map((packet) => ({ ...packet, activity_log: logs.get(packet.id) ?? [] })));
  const newest = await packetsById(
    line.db,
    trail.phases.flatMap(({ versions }) => versions[0]?.id ?? []),
  );
  const phases = trail.phases.map((phase) => phaseView(phase, newest));
  return ok({ ...trail, feature: featureView(feature), phases });
}

function phaseView({ versions, ...phase }: PhaseTrail, newest: readonly Packet[]): AuditTrail["phases"][number] {
  const { order, label, agent, agent_type } = PHASES[phase.phase];
  return {
    ...phase,
    ...{ phase_order: order, phase_label: label, agent, agent_type },
    packet: newest.find((packet) => packet.id === versions[0]?.id) ?? null,
    versions: versions.map(({ id, version, status, agent_name, started_at, completed_at, ...told }) => ({
      ...{ id, version, status, agent_name, started_at, completed_at, duration_ms: told.duration_ms },
      ...{ cost_tokens_in: told.cost_tokens_in, cost_tokens_out: told.cost_tokens_out, cost_usd: told.cost_usd },
    })),
  };
}
