/** What Baton on Redis is to reach beside the other two, and what it has reached: ratios of medians of one run. */
import { BATON, ORDINARY, PLAIN } from "./contenders/index.ts";
import type { Row } from "./row.ts";
import { figure, KB } from "./table.ts";

/** A line each; none for what was not measured. */
export function goalsOf(rows: readonly Row[]): string[] {
  const baton = rows.find(({ name }) => name === BATON);
  if (baton === undefined) return [];
  const { tasks_per_s, p50_ms, hop_p50_ms } = baton.to_ordinary;
  const by_plain = rows[0]?.name === PLAIN ? baton.to_first : NOTHING;
  const ledger = figure((baton.tables["events"] ?? Number.NaN) / KB, 1);
  const disk = `of it the events, which are the ledger, ${ledger} KB`;
  return [
    line(`tasks/s ÷ ${PLAIN}`, "≥ 0.65 with a ticket a hop, ≥ 1.3 under a backlog", by_plain.tasks_per_s, 2),
    line(`tasks/s ÷ ${ORDINARY}, under a backlog`, "≥ 6", tasks_per_s, 2),
    line(`p50 end to end ÷ ${ORDINARY}`, "≤ 0.55", p50_ms, 2),
    line(`idle hop p50 ÷ ${ORDINARY}`, "≤ 1", hop_p50_ms, 2),
    line(`CPU ms a task ÷ ${PLAIN}`, "≤ 0.7", by_plain.cpu_ms_per_task, 2),
    line("bytes of Redis a waiting task", "≤ 250", baton.redis_bytes_per_waiting, 0),
    line("KB of Postgres a finished task", "≤ 5.6 and the ledger", baton.postgres_bytes_per_finished / KB, 1, disk),
  ].flat();
}

const NOTHING = { tasks_per_s: Number.NaN, cpu_ms_per_task: Number.NaN };

function line(what: string, goal: string, reached: number, digits: number, more?: string): string[] {
  if (Number.isNaN(reached)) return [];
  return [`${what}: goal ${goal}, reached ${figure(reached, digits)}${more === undefined ? "" : `, ${more}`}`];
}
