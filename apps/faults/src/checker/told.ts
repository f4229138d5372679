/** What several invariants ask of a history: which calls are one request sent again, and what was said about one lease. */
import { type Call, type Named, named } from "../history/read.ts";
import type { Life, StoredPacket } from "./evidence.ts";

/** The name under which a call may be sent again; null for calls without one. */
export function keyOf({ operation }: Call): string | null {
  if (operation.op === "heartbeat") return null;
  return `${operation.op} ${operation.op === "claim" ? operation.claim_id : operation.key}`;
}

/** Calls that are one request, by its name, each in the order in which they were sent. */
export function requestsOf(calls: readonly Call[]): Call[][] {
  const keyed = calls.filter((call) => keyOf(call) !== null);
  return [...Map.groupBy(keyed, keyOf).values()];
}

const ENDS = ["complete", "fail", "release"] as const;
export type EndCall = Call<Named<(typeof ENDS)[number]>>;

/** Calls that would end a lease, by the lease's id. */
export function endsByLease(calls: readonly Call[]): Map<string, EndCall[]> {
  return Map.groupBy(named(calls, ...ENDS), (call) => call.operation.lease_id);
}

/** Whether the call may have changed something, as far as its client knows. */
export const mayHaveHappened = ({ end }: Call): boolean => end.type !== "fail";

/** What `complete` left under this epoch: the packet that the event of the verdict names. Null when there is no verdict. */
export function verdictAt(
  { events, packets }: Life,
  epoch: number,
): { type: string; packet: StoredPacket | null } | null {
  const event = events.find(({ type, epoch: at }) => at === epoch && (type === "passed" || type === "rejected"));
  if (event === undefined) return null;
  const id = packetIdOf(event.data);
  return { type: event.type, packet: packets.find((packet) => packet.id === id) ?? null };
}

export function packetIdOf(data: Record<string, unknown>): string | null {
  const { packet } = data;
  if (typeof packet !== "object" || packet === null || !("id" in packet)) return null;
  return typeof packet.id === "string" ? packet.id : null;
}

/** Says everything that is wrong under one name. */
export function found(invariant: string, details: readonly string[]): { invariant: string; detail: string }[] {
  return details.map((detail) => ({ invariant, detail }));
}
