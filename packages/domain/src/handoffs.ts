/**
 * Handoffs: the transfer of a packet to the next stage, or back to dev. Derived from a task's events and the packets that
 * they left, and nowhere stored: a handoff cannot disagree with the line.
 */
import type { TaskEvent } from "./events.ts";
import type { Packet } from "./packet.ts";
import type { Place } from "./stages.ts";

export const HANDOFF_STATES = [
  /** The packet lies there for the stage that comes next. */
  "offered",
  /** The stage has claimed the task. A crash, a release or a technical failure changes nothing: the next claim goes on. */
  "accepted",
  /** The stage has passed, or the packet came out of the last one. */
  "completed",
  /** The stage has rejected, or the task was taken elsewhere or off the line. */
  "failed",
] as const;
export type HandoffState = (typeof HANDOFF_STATES)[number];

/** `back`: a rejection, with its findings, on the way to dev. */
export const HANDOFF_KINDS = ["forward", "back"] as const;

/** Times are ms since 1970 by the database's clock. */
export interface Handoff {
  /** The id of the packet that it transfers. */
  id: string;
  task_id: string;
  packet_id: string;
  from_stage: Place;
  to_stage: Place;
  kind: (typeof HANDOFF_KINDS)[number];
  /** The visit of the stage that it is offered to. */
  visit: number;
  state: HandoffState;
  offered_at: number;
  /** When it was first accepted. */
  accepted_at: number | null;
  /** The agent that holds it or held it last; an operator who took the step; `baton` for what comes out of the line. */
  accepted_by: string | null;
  /** The newest lease under which it was accepted. Null when nobody needed one. */
  lease_id: string | null;
  ended_at: number | null;
  /** Why it failed. */
  reason: string | null;
}

/** An event as it is stored: with the visit after it and whoever did it. */
export interface StoredEvent extends TaskEvent {
  visit: number;
  actor: string;
}

/** A packet, as far as a handoff needs it. */
export type PacketMark = Pick<Packet, "id" | "phase" | "version" | "rejection_reason">;

/** Events that leave every handoff as it is: none of them need be read. */
export const BESIDE_HANDOFFS = ["submitted", "released", "blocked", "unblocked", "reopened"] as const;

/** Events that do so too, unless the task fails by them. */
export const BESIDE_UNLESS_FAILED = ["attempt_failed", "expired"] as const;

/**
 * The handoffs of a task in the order in which they were offered. `events` is its log from the beginning. Of claims that
 * follow each other when what stands beside handoffs is left out, the first and the last are enough: one says when the
 * handoff was accepted, the other by whom.
 */
export function handoffsOf(events: readonly StoredEvent[], packets: readonly PacketMark[]): Handoff[] {
  const handoffs: Handoff[] = [];
  const packetOf = packetFinder(packets);
  for (const event of events) {
    const packet = leavesPacket(event) ? packetOf(event) : null;
    const newest = handoffs.at(-1);
    if (newest && isOpen(newest)) handoffs[handoffs.length - 1] = answered(newest, event, packet);
    if (packet) handoffs.push(offered(event, packet));
  }
  return handoffs;
}

/** Whether it may still be accepted or answered. A task has one such handoff at most, its newest. */
export function isOpen({ state }: Pick<Handoff, "state">): boolean {
  return state === "offered" || state === "accepted";
}

function leavesPacket({ type }: StoredEvent): boolean {
  return goesOn(type) || type === "rejected" || type === "sent_back";
}

function goesOn(type: StoredEvent["type"]): boolean {
  return type === "passed" || type === "advanced";
}

/** Events of before the ledger do not name their packet: the n-th result of a stage left the n-th packet of it. */
function packetFinder(packets: readonly PacketMark[]): (event: StoredEvent) => PacketMark | null {
  const results = new Map<Place, number>();
  return ({ from_stage, data }) => {
    const nth = (results.get(from_stage) ?? 0) + 1;
    results.set(from_stage, nth);
    const named = (data.packet as { id: string } | undefined)?.id;
    const fits = (mark: PacketMark) =>
      named === undefined ? mark.phase === from_stage && mark.version === nth : mark.id === named;
    return packets.find(fits) ?? null;
  };
}

function offered(event: StoredEvent, packet: PacketMark): Handoff {
  const handoff: Handoff = {
    ...{ id: packet.id, task_id: event.task_id, packet_id: packet.id },
    ...{ from_stage: event.from_stage, to_stage: event.to_stage, kind: goesOn(event.type) ? "forward" : "back" },
    ...{ visit: event.visit, state: "offered", offered_at: event.at },
    ...{ accepted_at: null, accepted_by: null, lease_id: null, ended_at: null, reason: null },
  };
  if (event.to_state === "completed") return completed(handoff, event.at, "baton");
  return event.to_state === "failed"
    ? failed(handoff, event.at, "the task failed: its loop-backs are used up")
    : handoff;
}

/** What an event makes of the open handoff. */
function answered(open: Handoff, event: StoredEvent, packet: PacketMark | null): Handoff {
  const { at, actor, data } = event;
  switch (event.type) {
    // The log may come without the claims between the first one and the last: none of them may leave a trace.
    case "claimed":
      return {
        ...open,
        ...{ state: "accepted", accepted_at: open.accepted_at ?? at },
        ...{ accepted_by: String(data.agent_id), lease_id: String(data.lease_id) },
      };
    case "passed":
    case "advanced":
      return completed(open, at, actor);
    case "rejected":
      return failed(open, at, packet?.rejection_reason || `rejected by ${actor}`);
    case "sent_back":
      return failed(open, at, `sent back by ${actor}: ${String(data.notes)}`);
    case "stage_set":
      return failed(open, at, `set to ${event.to_stage} by ${actor}`);
    case "cancelled":
      return failed(open, at, `the task was cancelled: ${String(data.reason)}`);
    case "attempt_failed":
      return event.to_state === "failed" ? failed(open, at, `the task failed: ${String(data.message)}`) : open;
    case "expired":
      return event.to_state === "failed" ? failed(open, at, "the task failed: its crashes are used up") : open;
    // The task stays where it is, and so does its packet. What is reopened had ended before, and its handoff with it.
    case "submitted":
    case "released":
    case "blocked":
    case "unblocked":
    case "reopened":
      return open;
  }
}

/** Who takes it without a lease accepts it in the same moment. */
function completed(handoff: Handoff, at: number, taker: string): Handoff {
  const accepted = { accepted_at: handoff.accepted_at ?? at, accepted_by: handoff.accepted_by ?? taker };
  return { ...handoff, ...accepted, state: "completed", ended_at: at };
}

function failed(handoff: Handoff, at: number, reason: string): Handoff {
  return { ...handoff, state: "failed", ended_at: at, reason };
}
