/** Rounds as tests need them: with the figures that they name, and 1 for all others. */
import type { Round } from "../round.ts";

export function round(more: Partial<Round> = {}): Round {
  return {
    ...{ tasks_per_s: 1, cpu_ms_per_task: 1, server_cpu_ms_per_task: 1, rss_bytes: 1 },
    ...{ p50_ms: 1, p99_ms: 1, hop_p50_ms: 1, hop_p99_ms: 1 },
    ...{ redis_bytes_per_waiting: 1, postgres_bytes_per_finished: 1, queue_bytes_per_finished: 1 },
    ...{ tables: {}, faults: [], troubles: [] },
    ...more,
  };
}
