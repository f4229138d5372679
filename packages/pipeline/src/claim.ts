/** Claim as agents call it: try, and if there is nothing and the caller is patient, wait and try again. */
import { readyIn } from "@baton/db";
import { ok, type Result } from "@baton/domain";
import type { ClaimedLease, ClaimLease, EmptyReason } from "@baton/domain/api";
import { claimView } from "./claim-view.ts";
import type { OpenLine } from "./line.ts";
import type { Principal } from "./principal.ts";
import { pull } from "./pull.ts";
import { openWaitingRoom, type WaitingRoom } from "./wait.ts";

export type ClaimAnswer =
  | { kind: "leased"; fresh: boolean; value: ClaimedLease }
  | { kind: "none"; reason: EmptyReason; retry_after_s: number };

export interface Patience {
  room: WaitingRoom;
  /** Fires when the caller is gone or the server shuts down. */
  signal: AbortSignal;
}

/** No lease is given once the signal has fired: nobody would hear of it. */
export async function claim(
  line: OpenLine,
  who: Principal,
  input: ClaimLease,
  { room, signal }: Patience,
): Promise<Result<ClaimAnswer>> {
  const deadline = performance.now() + input.wait_s * 1_000;
  let reason: EmptyReason = "empty";
  const { workspace_id } = who;
  while (!signal.aborted) {
    const mark = room.mark();
    const pulled = await pull(line, who, input);
    if (!pulled.ok) return pulled;
    if (pulled.value.kind === "leased") {
      // Tickets that are added together are told of once: who was given one task lets the next look for another.
      room.passOn({ workspace_id, stages: [pulled.value.lease.stage] }, mark);
      const value = await claimView(line, who, pulled.value);
      return ok({ kind: "leased", fresh: pulled.value.fresh, value });
    }
    reason = pulled.value.reason;
    if (pulled.value.for_others) room.passOn({ workspace_id, stages: input.stages }, mark);
    const left = deadline - performance.now();
    if (left <= 0) break;
    await room.wait({ workspace_id, stages: input.stages, since: mark, ms: left, signal });
  }
  return ok({ kind: "none", reason, retry_after_s: 1 });
}

/** The room in which this process's callers wait. */
export function waitingRoomOf(line: OpenLine): WaitingRoom {
  return openWaitingRoom((places) => readyIn(line.db, places), line.onError);
}
