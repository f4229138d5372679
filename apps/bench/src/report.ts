/** What the bench says in the end, as people read it: where it was measured, how, the tables, and the goals with what was reached. */
import { cpus } from "node:os";
import { PACKET_BYTES } from "./contenders/packet.ts";
import { goalsOf } from "./goals.ts";
import type { Options } from "./options.ts";
import type { Row } from "./row.ts";
import type { Servers } from "./servers/index.ts";
import { figure, KB, tableOf } from "./table.ts";
import { IN_FLIGHT } from "./workload.ts";

export function machineWith(versions: Servers["versions"]) {
  const cores = cpus();
  return { cores: cores.length, cpu: cores[0]?.model ?? "unknown", node: process.version, ...versions };
}

export interface Report {
  machine: ReturnType<typeof machineWith>;
  options: Options;
  rows: readonly Row[];
}

export function textOf(report: Report): string {
  const { rows } = report;
  const goals = goalsOf(rows);
  return [
    ...headOf(report),
    "",
    "All tasks submitted at once. The CPU of Redis and Postgres is told apart.",
    tableOf([LOAD_HEADS, ...rows.map(loadOf)]),
    "",
    `End to end with ${IN_FLIGHT} tasks on the line; an idle hop, from one stage's work to the next one's, with one task.`,
    "Bytes of Redis a task that waits for its first agent, KB of Postgres a task that is through.",
    tableOf([TASK_HEADS, ...rows.map(taskOf)]),
    ...(goals.length === 0 ? [] : ["", "Goals of Baton on Redis:", ...goals]),
  ].join("\n");
}

function headOf({ machine, options }: Report): string[] {
  const { cores, cpu, node, redis, postgres } = machine;
  const { tasks, rounds, workers, concurrency } = options;
  return [
    `${tasks} tasks through four no-op stages with ${PACKET_BYTES} bytes a hop, medians of ${rounds} interleaved rounds.`,
    `${workers} worker processes, ${concurrency} tasks at once in each stage.`,
    `${cores} × ${cpu}, Node ${node}; Redis ${redis} keeps nothing on disk, Postgres ${postgres} every commit.`,
  ];
}

const LOAD_HEADS = [...["", "tasks/s", "÷ first", "÷ ordinary", "CPU ms/task", "÷ first", "servers' CPU", "RSS MB"]];

function loadOf(row: Row): string[] {
  return [
    row.name,
    figure(row.tasks_per_s, 0),
    figure(row.to_first.tasks_per_s, 2),
    figure(row.to_ordinary.tasks_per_s, 2),
    figure(row.cpu_ms_per_task, 2),
    figure(row.to_first.cpu_ms_per_task, 2),
    figure(row.server_cpu_ms_per_task, 2),
    figure(row.rss_bytes / KB / KB, 0),
  ];
}

const TASK_HEADS = [
  ...["", "p50 ms", "÷ ordinary", "p99 ms", "hop p50", "÷ ordinary", "hop p99", "Redis B", "Postgres KB", "its queue"],
];

function taskOf(row: Row): string[] {
  return [
    row.name,
    figure(row.p50_ms, 0),
    figure(row.to_ordinary.p50_ms, 2),
    figure(row.p99_ms, 0),
    figure(row.hop_p50_ms, 2),
    figure(row.to_ordinary.hop_p50_ms, 2),
    figure(row.hop_p99_ms, 2),
    figure(row.redis_bytes_per_waiting, 0),
    figure(row.postgres_bytes_per_finished / KB, 1),
    figure(row.queue_bytes_per_finished / KB, 1),
  ];
}
