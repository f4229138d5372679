/** What a claim answered, once more: for a holder that lost it, e.g. to a restart. */
import { findLease } from "@baton/db";
import { ok, type Result, refused } from "@baton/domain";
import type { ClaimedLease } from "@baton/domain/api";
import { claimView } from "./claim-view.ts";
import { LOST, mayUse } from "./held.ts";
import type { Line } from "./line.ts";
import type { Principal } from "./principal.ts";
import { leased } from "./pull.ts";

/** Only while the lease lives: a late holder must not begin anew. */
export async function taskContext(line: Line, who: Principal, { id }: { id: string }): Promise<Result<ClaimedLease>> {
  const found = await findLease(line.db, who.workspace_id, id);
  if (found === null || !mayUse(who, found.attempt)) return refused("not_found", "There is no such lease.");
  const { attempt, task, now } = found;
  const lives = task.lease_id === attempt.id && task.lease_expires_at !== null && task.lease_expires_at > now;
  if (!lives) return LOST;
  return ok(await claimView(line, who, await leased(line, task, false, attempt.lease_ms)));
}
