/** The audit trail of a feature: its packets summed up per phase, how far it is, and what happened when. Knows nothing of where packets are kept. */
import { type Figures, sumFigures, sumTold, type Told } from "./figures.ts";
import type { LogEntry, Packet } from "./packet.ts";
import { isPhase, PHASE_NAMES, PHASES, type Phase } from "./phases.ts";
import { cutText } from "./text.ts";

/** A packet as far as the trail needs it. */
export interface TrailPacket
  extends Told,
    Pick<Packet, "id" | "version" | "status" | "agent_name" | "started_at" | "completed_at" | "created_at"> {
  phase: string;
  /** Why it was rejected. */
  rejection_reason: string | null;
  /** How often work went back within it; null when it does not say. */
  loop_backs: number | null;
  /** Left out where the trail shall not tell it. */
  activity_log?: readonly LogEntry[];
}

export type PhaseState = "done" | "active" | "rejected" | "waiting";

export interface PhaseTrail extends Figures {
  phase: Phase;
  state: PhaseState;
  /** Newest first; the first is the current one. */
  versions: TrailPacket[];
  /** Versions that were rejected, and what went back within the others. */
  rejections: number;
}

export interface TrailEvent {
  /** ISO 8601, UTC. */
  at: string;
  phase: Phase;
  version: number;
  kind: "started" | "completed" | "rejected" | "log";
  text: string;
}

export interface Trail {
  phases: PhaseTrail[];
  totals: Figures;
  /** Where the feature is now: what is worked on or was sent back, or else what comes next. */
  current_phase: Phase;
  /** Whole percent: phases passed of all eight. A phase that was left out counts as passed once a later one is done. */
  percent: number;
  /** Oldest first; the newest `EVENTS_MAX`. */
  events: TrailEvent[];
}

export const EVENTS_MAX = 1_000;

export function auditTrail(packets: readonly TrailPacket[]): Trail {
  const phases = PHASE_NAMES.map((phase) => trailOf(phase, packets));
  const current = currentOf(phases);
  return {
    phases,
    totals: sumFigures(phases),
    current_phase: current ?? "done",
    percent: current === null ? 100 : Math.floor(((PHASES[current].order - 1) * 100) / PHASE_NAMES.length),
    events: packets
      .flatMap(eventsOf)
      .sort((one, other) => (one.at < other.at ? -1 : Number(one.at > other.at)))
      .slice(-EVENTS_MAX),
  };
}

function trailOf(phase: Phase, packets: readonly TrailPacket[]): PhaseTrail {
  const versions = packets.filter((packet) => packet.phase === phase).sort((a, b) => b.version - a.version);
  return {
    phase,
    state: stateOf(versions[0]),
    versions,
    rejections: versions.reduce(
      (sum, { status, loop_backs }) => sum + (status === "rejected" ? 1 : 0) + (loop_backs ?? 0),
      0,
    ),
    ...sumTold(versions),
  };
}

function stateOf(newest: TrailPacket | undefined): PhaseState {
  if (newest === undefined) return "waiting";
  if (newest.status === "completed") return "done";
  return newest.status === "rejected" ? "rejected" : "active";
}

/** Null when nothing is left to do. */
function currentOf(phases: readonly PhaseTrail[]): Phase | null {
  const open = phases.find(({ state }) => state === "active" || state === "rejected");
  if (open) return open.phase;
  const next = phases[phases.findLastIndex(({ state }) => state === "done") + 1];
  return next?.phase ?? null;
}

const TEXT_MAX = 500;

function eventsOf(packet: TrailPacket): TrailEvent[] {
  const { phase, version } = packet;
  if (!isPhase(phase)) return [];
  const event = (at: string, kind: TrailEvent["kind"], text: string): TrailEvent => ({
    ...{ at: wireTime(at) ?? packet.created_at, phase, version, kind },
    text: cutText(text, TEXT_MAX),
  });
  const by = (what: string) => `${PHASES[phase].label} ${what} by ${packet.agent_name}`;
  const began = packet.started_at ?? (packet.status === "in_progress" ? packet.created_at : null);
  const logged = (packet.activity_log ?? []).map((entry) => event(entry.timestamp, "log", textOf(entry)));
  const ended = endOf(packet, by);
  return [
    ...(began === null ? [] : [event(began, "started", by("started"))]),
    ...logged,
    ...(ended === null ? [] : [event(packet.completed_at ?? packet.created_at, ended.kind, ended.text)]),
  ];
}

/** Null for a time outside the years 0 to 9999, which an offset can bring about: it has no place in a timeline. */
function wireTime(time: string): string | null {
  const iso = new Date(time).toISOString();
  return /^\d{4}-/.test(iso) ? iso : null;
}

function endOf({ status, rejection_reason }: TrailPacket, by: (what: string) => string) {
  if (status === "in_progress") return null;
  if (status === "completed") return { kind: "completed" as const, text: by("completed") };
  const why = rejection_reason === null ? "" : `: ${rejection_reason}`;
  return { kind: "rejected" as const, text: by("rejected") + why };
}

function textOf({ event, detail }: LogEntry): string {
  if (detail === undefined) return event;
  return `${event}: ${typeof detail === "string" ? detail : JSON.stringify(detail)}`;
}
