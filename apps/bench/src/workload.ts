/** The workloads: all tasks at once, which shows what the line can carry; a few in flight, which shows how long one takes; one alone. */
import { RUN_TASKS_MAX } from "@baton/domain/api";
import { now } from "./clock.ts";
import type { Desk } from "./contenders/contender.ts";
import type { Ledger } from "./crew/ledger.ts";
import { percentile } from "./figures.ts";

export interface Line {
  desk: Desk;
  ledger: Ledger;
}

export interface Carried {
  task_ids: string[];
  /** From the first submission to the last task through. */
  took_ms: number;
}

/** A backlog: everything is submitted as fast as it is taken. */
export async function carryBacklog({ desk, ledger }: Line, count: number): Promise<Carried> {
  const end = ledger.finished.size + count;
  const start = now();
  const task_ids = await submitAll(desk, count);
  await ledger.whenFinished(end);
  const ends = task_ids.map((id) => ledger.finished.get(id) ?? Number.NaN);
  return { task_ids, took_ms: percentile(ends, 1) - start };
}

/** As many at a time as Baton takes in one call. */
export async function submitAll(desk: Desk, count: number): Promise<string[]> {
  const task_ids: string[] = [];
  while (task_ids.length < count) {
    task_ids.push(...(await desk.submit(Math.min(RUN_TASKS_MAX, count - task_ids.length))));
  }
  return task_ids;
}

export const IN_FLIGHT = 64;
const AT_A_TIME = 16;

export interface Latencies {
  task_ids: string[];
  /** From just before its submission to its way out, of each. */
  ms: number[];
}

/** Never more than `IN_FLIGHT` on the line: a new handful comes when a handful is through. */
export async function measureLatencies({ desk, ledger }: Line, count: number): Promise<Latencies> {
  const before = ledger.finished.size;
  const started = new Map<string, number>();
  while (started.size < count) {
    await ledger.whenFinished(before + started.size - (IN_FLIGHT - AT_A_TIME));
    const start = now();
    for (const id of await desk.submit(Math.min(AT_A_TIME, count - started.size))) started.set(id, start);
  }
  await ledger.whenFinished(before + started.size);
  const ms = [...started].map(([id, start]) => (ledger.finished.get(id) ?? Number.NaN) - start);
  return { task_ids: [...started.keys()], ms };
}

/** The next task comes when the one before is through. */
export async function carryOneByOne({ desk, ledger }: Line, count: number): Promise<string[]> {
  const task_ids: string[] = [];
  while (task_ids.length < count) {
    const end = ledger.finished.size + 1;
    task_ids.push(...(await desk.submit(1)));
    await ledger.whenFinished(end);
  }
  return task_ids;
}
