/** A contender's row of the table: the medians of its rounds, and of its ratios to two others in the same rounds. */
import { median } from "./figures.ts";
import type { Figures, Round } from "./round.ts";

const FIGURES = [
  ...(["tasks_per_s", "cpu_ms_per_task", "server_cpu_ms_per_task", "rss_bytes"] as const),
  ...(["p50_ms", "p99_ms", "hop_p50_ms", "hop_p99_ms"] as const),
  ...(["redis_bytes_per_waiting", "postgres_bytes_per_finished", "queue_bytes_per_finished"] as const),
];

export interface Row extends Figures {
  name: string;
  /** Medians of the ratios of each round, by the first contender. */
  to_first: Pick<Figures, "tasks_per_s" | "cpu_ms_per_task">;
  /** The same by the ordinary way; NaN where it was left out. */
  to_ordinary: Pick<Figures, "tasks_per_s" | "p50_ms" | "hop_p50_ms">;
  /** Bytes of Postgres a finished task, by table. */
  tables: Record<string, number>;
  rounds: readonly Round[];
}

/** The rounds of those it is measured by, in the same order as its own. */
interface Others {
  first: readonly Round[] | undefined;
  ordinary: readonly Round[] | undefined;
}

export function rowOf(name: string, rounds: readonly Round[], { first, ordinary }: Others): Row {
  const of = (figure: keyof Figures) => median(rounds.map((round) => round[figure]));
  const figures = Object.fromEntries(FIGURES.map((figure) => [figure, of(figure)])) as Record<keyof Figures, number>;
  const ratio = (figure: keyof Figures, others: readonly Round[] | undefined) =>
    median(rounds.map((round, i) => round[figure] / (others?.[i]?.[figure] ?? Number.NaN)));
  return {
    ...{ name, ...figures },
    to_first: { tasks_per_s: ratio("tasks_per_s", first), cpu_ms_per_task: ratio("cpu_ms_per_task", first) },
    to_ordinary: {
      tasks_per_s: ratio("tasks_per_s", ordinary),
      p50_ms: ratio("p50_ms", ordinary),
      hop_p50_ms: ratio("hop_p50_ms", ordinary),
    },
    tables: mediansOf(rounds.map(({ tables }) => tables)),
    rounds,
  };
}

/** A table that has not grown in a round counts as nothing there. */
function mediansOf(all: readonly Record<string, number>[]): Record<string, number> {
  const names = [...new Set(all.flatMap((one) => Object.keys(one)))].toSorted();
  return Object.fromEntries(names.map((name) => [name, median(all.map((one) => one[name] ?? 0))]));
}
