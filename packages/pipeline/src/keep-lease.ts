/** Keeps a hosted worker's lease alive while it works, tells what is new of the work, and tells the work to stop when the lease is lost. */
import type { LeaseRef, ProgressEvidence } from "@baton/domain";
import { type Beat, beatHosted } from "./beat.ts";
import type { Line } from "./line.ts";

export interface KeptLease {
  /** Fires when the lease is lost or the worker shuts down: stop working, nothing counts any more. */
  signal: AbortSignal;
  stop(): void;
}

interface Keeping extends LeaseRef {
  workspace_id: string;
  lease_ms: number;
  /** What is left of it now; the first heartbeat is sent at once when a quarter is gone. */
  left_ms: number;
}

/** What passes between the line and the work while it goes on. */
export interface Attendance {
  /** What is to be seen of the work; null when nothing is. */
  look?: () => Promise<ProgressEvidence | null>;
  /** Is told each heartbeat's answer. Without it nothing is said, and messages stay for somebody who hears them. */
  hear?: (beat: Beat) => Promise<void>;
}

/** No look begins sooner after the one before. */
const LOOK_EVERY_MS = 30_000;

/** Four heartbeats a lease. While the database is away the lease is taken for lost when it would be over by our own clock. */
export function keepLease(
  line: Line,
  lease: Keeping,
  shutdown: AbortSignal,
  { look, hear }: Attendance = {},
): KeptLease {
  const lost = new AbortController();
  let alive_until = performance.now() + lease.left_ms;
  let beating = false;
  const seen = look && openLooks(look);

  async function beat(): Promise<void> {
    const sent = performance.now();
    const told = { ...lease, evidence: seen?.() ?? null, hears: hear !== undefined };
    const answer = await beatHosted(line, lease.workspace_id, told);
    if (answer === null) return lost.abort(new Error("the lease is lost"));
    alive_until = sent + lease.lease_ms;
    await hear?.(answer);
  }

  function tick(): void {
    if (performance.now() > alive_until) lost.abort(new Error("the lease ran out while the database was away"));
    if (beating || lost.signal.aborted) return;
    beating = true;
    void beat()
      .catch(() => {})
      .finally(() => {
        beating = false;
      });
  }

  const every_ms = lease.lease_ms / 4;
  if (lease.left_ms <= lease.lease_ms - every_ms) tick();
  const timer = setInterval(tick, every_ms);
  return { signal: AbortSignal.any([lost.signal, shutdown]), stop: () => clearInterval(timer) };
}

/** Gives what was seen last. A heartbeat never waits for a look: what it sees is told with the next one. */
function openLooks(look: NonNullable<Attendance["look"]>): () => ProgressEvidence | null {
  let last: ProgressEvidence | null = null;
  let begun = Number.NEGATIVE_INFINITY;
  let looking = false;
  return () => {
    if (!looking && performance.now() - begun >= LOOK_EVERY_MS) {
      looking = true;
      begun = performance.now();
      void look()
        .then(
          (seen) => {
            last = seen ?? last;
          },
          () => undefined,
        )
        .finally(() => {
          looking = false;
        });
    }
    return last;
  };
}
