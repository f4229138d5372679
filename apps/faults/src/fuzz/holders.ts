/** Who holds which task, as far as anybody has heard: whether two ever hold one at once. */
import type { ClaimedLease } from "@baton/domain/api";

export interface Holders {
  /** Somebody was given the lease. */
  given(claimed: Pick<ClaimedLease, "lease">): void;
  /** The holder has handed it over. */
  ended(task_id: string): void;
  readonly faults: readonly string[];
}

/** Between the clock of the database and ours, on one machine. */
const SLACK_MS = 50;

export function openHolders(now: () => number = Date.now): Holders {
  const held = new Map<string, { lease_id: string; expires_at: number }>();
  const faults: string[] = [];
  return {
    given: ({ lease }) => {
      const before = held.get(lease.task_id);
      if (before?.lease_id === lease.id) return;
      if (before !== undefined && before.expires_at > now() + SLACK_MS) {
        faults.push(`task ${lease.task_id} is given to ${lease.id} while ${before.lease_id} lives`);
      }
      held.set(lease.task_id, { lease_id: lease.id, expires_at: Date.parse(lease.expires_at) });
    },
    ended: (task_id) => void held.delete(task_id),
    faults,
  };
}
