/** What the packets of a run's tasks come to, as one packet of its feature. A version tells what was done since the one before; the files and decisions in it are those that stand. */
import { type Figures, lessFigures, sumTold, type Told } from "./figures.ts";
import type { Usage } from "./outcomes.ts";
import type { LogEntry, Packet, PacketDraft } from "./packet.ts";
import { type PacketTimes } from "./packet-times.ts";
import type { Phase } from "./phases.ts";
import { type Joined, within } from "./roll-up-outputs.ts";
import { PLACES, type Place, type Stage } from "./stages.ts";
import { cutText } from "./text.ts";

export type RolledUpPhase = Extract<Phase, "in_progress" | "qa_review" | "review">;

/** Which stages a phase stands for, in the order in which the phases are reached. */
export const ROLLED_UP = {
  in_progress: ["dev"],
  qa_review: ["qa"],
  review: ["sec", "docs"],
} as const satisfies Record<RolledUpPhase, readonly Stage[]>;

export const ROLLED_UP_PHASES = Object.keys(ROLLED_UP) as RolledUpPhase[];

/** Where no task of a run stands any more that has reached the end of the phase. */
export function placesUntil(phase: RolledUpPhase): Place[] {
  const stages: readonly Stage[] = ROLLED_UP[phase];
  return PLACES.slice(0, Math.max(...stages.map((stage) => PLACES.indexOf(stage))) + 1);
}

/** A task's packet as far as a sum needs it. */
export interface SummedPacket
  extends Told,
    Pick<Packet, "id" | "phase" | "version" | "status" | "started_at" | "completed_at" | "created_at"> {
  task_id: string;
  task_title: string;
  rejection_reason: string | null;
}

export interface RollUpInput {
  run: { id: string; name: string };
  phase: RolledUpPhase;
  /** All of the run's packets of the phase's stages, oldest first. */
  packets: readonly SummedPacket[];
  /** What earlier versions have summed already: how many of the packets, and to what. */
  told: { packets: number; figures: Figures };
  joined: Joined;
}

export interface RollUp {
  draft: PacketDraft;
  usage: Usage;
  times: PacketTimes;
}

export function rollUp(input: RollUpInput): RollUp {
  const { run, packets, told, joined } = input;
  const fresh = packets.slice(told.packets);
  const rejected = fresh.filter(({ status }) => status === "rejected");
  const { duration_ms, ...cost } = lessFigures(sumTold(packets), told.figures);
  const tasks = new Set(packets.map(({ task_id }) => task_id)).size;
  return {
    draft: {
      output_summary: summaryOf(input, fresh.length, rejected.length, tasks),
      output_artifacts: joined.artifacts,
      output_decisions: joined.decisions,
      output_metrics: { run_id: run.id, tasks, packets: fresh.length, loop_backs: rejected.length },
      activity_log: within(rejected.toReversed().map(rejection), LOG_MAX, LOG_BYTES).toReversed(),
    },
    usage: known(packets, cost),
    times: {
      started_at: first(fresh.map((packet) => packet.started_at ?? packet.completed_at)),
      completed_at: first(
        fresh.map((packet) => packet.completed_at ?? packet.created_at),
        -1,
      ),
      duration_ms,
    },
  };
}

const LOG_MAX = 2_000;
const LOG_BYTES = 64 * 1024;

/** A figure that no packet told stays unknown. */
function known(packets: readonly Told[], { tokens_in, tokens_out, cost_usd }: Omit<Figures, "duration_ms">): Usage {
  return {
    ...(packets.some((one) => one.cost_tokens_in !== null) && { tokens_in }),
    ...(packets.some((one) => one.cost_tokens_out !== null) && { tokens_out }),
    ...(packets.some((one) => one.cost_usd !== null) && { cost_usd }),
  };
}

function rejection(packet: SummedPacket): LogEntry {
  const reason = packet.rejection_reason ?? "no reason was given";
  return {
    timestamp: packet.completed_at ?? packet.created_at,
    event: "rejected",
    detail: cutText(`${packet.task_title} (${packet.phase}, version ${packet.version}): ${reason}`, 2_000),
  };
}

function summaryOf(
  { run, phase, joined, told }: RollUpInput,
  packets: number,
  rejected: number,
  tasks: number,
): string {
  const since = told.packets === 0 ? "" : " since the version before";
  const left = joined.left_off === 0 ? "" : ` Not all files and decisions are named: ${joined.left_off} did not fit.`;
  return `${many(tasks, "task")} of the run "${run.name}" passed ${ROLLED_UP[phase].join(" and ")}: ${many(packets, "packet")}${since}, ${rejected} of them rejected.${left}`;
}

function many(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** The earliest of the times that are known, or with -1 the latest. */
function first(times: readonly (string | null)[], order: 1 | -1 = 1): Date | null {
  const known = times.flatMap((time) => (time === null ? [] : [Date.parse(time)]));
  return known.length === 0 ? null : new Date(known.reduce((a, b) => (a * order <= b * order ? a : b)));
}
