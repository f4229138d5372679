/** One round of one contender on a clean place: let tasks wait, carry a backlog, measure latencies, and check what is left behind. */
import type { Contender, Desk } from "./contenders/contender.ts";
import { type Crew, startCrew } from "./crew/crew.ts";
import { percentile } from "./figures.ts";
import type { Options } from "./options.ts";
import type { Servers } from "./servers/index.ts";
import { grownBy, tablesOf, weighWaiting } from "./weight.ts";
import { carryBacklog, carryOneByOne, measureLatencies } from "./workload.ts";

/** NaN is what a contender does not have. */
export interface Figures {
  tasks_per_s: number;
  /** Of the workers, of the desk and of the director. */
  cpu_ms_per_task: number;
  server_cpu_ms_per_task: number;
  /** Memory of all worker processes, after the backlog. */
  rss_bytes: number;
  /** End to end, with so many tasks on the line as `IN_FLIGHT` says. */
  p50_ms: number;
  p99_ms: number;
  /** From the end of one stage's work to the beginning of the next one's, with one task on the line. */
  hop_p50_ms: number;
  hop_p99_ms: number;
  redis_bytes_per_waiting: number;
  /** All tables but the queue's own, which are told apart. */
  postgres_bytes_per_finished: number;
  queue_bytes_per_finished: number;
}

export interface Round extends Figures {
  /** Bytes a finished task of each table but the queue's own. */
  tables: Record<string, number>;
  /** Empty, or the round does not count. */
  faults: string[];
  /** Errors on the way that the line has made good. */
  troubles: string[];
}

/** Tasks that are weighed; twice as many wait, enough for the compilers of all processes to see the way as they carry them. */
const WEIGHED = 300;
/** Tasks that go down the line one by one. */
const ALONE = 50;

export async function playRound(contender: Contender, servers: Servers, options: Options): Promise<Round> {
  const desk = await contender.open(servers);
  try {
    const empty = await tablesOf(desk);
    const waiting = await weighWaiting(desk, servers, Math.min(WEIGHED, Math.ceil(options.tasks / 8)));
    const crew = await startCrew(contender, desk.place, options);
    try {
      await crew.ledger.whenFinished(waiting.task_ids.length);
      const { carried, task_ids, faults } = await measure(desk, crew, servers, options.tasks);
      const all = [...waiting.task_ids, ...task_ids];
      const lost = await desk.faults(all);
      const { postgres_bytes, queue_bytes, tables } = grownBy(empty, await tablesOf(desk), all.length);
      return {
        ...{ ...carried, redis_bytes_per_waiting: waiting.redis_bytes, postgres_bytes_per_finished: postgres_bytes },
        ...{ queue_bytes_per_finished: queue_bytes, tables, faults: [...lost, ...faults] },
        troubles: [...crew.ledger.troubles],
      };
    } finally {
      await crew.stop();
    }
  } finally {
    await desk.close();
  }
}

async function measure(desk: Desk, crew: Crew, servers: Servers, tasks: number) {
  const line = { desk, ledger: crew.ledger };
  const before = await usedBy(crew, servers);
  const backlog = await carryBacklog(line, tasks);
  const after = await usedBy(crew, servers);
  const flow = await measureLatencies(line, Math.ceil(tasks / 4));
  const alone: string[] = [];
  const hops = await crew.hops(async () => {
    alone.push(...(await carryOneByOne(line, Math.min(ALONE, Math.ceil(tasks / 10)))));
  });
  return {
    task_ids: [...backlog.task_ids, ...flow.task_ids, ...alone],
    faults: [...crew.ledger.faults],
    carried: {
      tasks_per_s: (tasks / backlog.took_ms) * 1_000,
      cpu_ms_per_task: (after.cpu_ms - before.cpu_ms) / tasks,
      server_cpu_ms_per_task: (after.servers_cpu_ms - before.servers_cpu_ms) / tasks,
      rss_bytes: after.rss_bytes,
      ...{ p50_ms: percentile(flow.ms, 0.5), p99_ms: percentile(flow.ms, 0.99) },
      ...{ hop_p50_ms: percentile(hops, 0.5), hop_p99_ms: percentile(hops, 0.99) },
    },
  };
}

async function usedBy(crew: Crew, servers: Servers) {
  const { user, system } = process.cpuUsage();
  const { cpu_ms, rss_bytes } = await crew.used();
  return { cpu_ms: (user + system) / 1_000 + cpu_ms, rss_bytes, servers_cpu_ms: await servers.cpuMs() };
}
