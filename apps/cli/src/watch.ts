/** Watches a run until it is over: each hand-over as it happens, then a summary. Reads the API and nothing else. */
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "@baton/client";
import { isOpenRun } from "@baton/domain";
import type { EventView, RunView, TaskView } from "@baton/domain/api";
import { handOverLines } from "./hand-over.ts";
import type { Terminal } from "./terminal.ts";

const LOOK_EVERY_MS = 250;

export interface Watched {
  run: RunView;
  tasks: TaskView[];
  events: Map<string, EventView[]>;
}

/** Resolves when the run gives out no more work: completed, failed, killed or ready for approval. */
export async function watchRun(
  client: Client,
  run_id: string,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<Watched> {
  const events = new Map<string, EventView[]>();
  for (;;) {
    // The run first: what it says is over is then wholly in the events that are read afterwards.
    const run = await runOf(client, run_id, signal);
    const tasks = await tasksOf(client, run_id, signal);
    for (const task of tasks) await showNews(client, task, events, terminal, signal);
    if (!isOpenRun(run.state)) return { run, tasks, events };
    await pause(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function showNews(
  client: Client,
  task: TaskView,
  events: Watched["events"],
  terminal: Terminal,
  signal: AbortSignal,
) {
  const seen = events.get(task.id) ?? [];
  const cursor = String(seen.at(-1)?.seq ?? 0);
  const answer = await client.call("timeline", { params: { id: task.id }, query: { cursor, limit: 200 }, signal });
  if (!answer.ok) throw new Error(answer.problem.detail);
  for (const event of answer.value?.items ?? []) {
    for (const line of handOverLines(task, event, seen, terminal.style)) terminal.line(line);
    seen.push(event);
  }
  events.set(task.id, seen);
}

async function runOf(client: Client, id: string, signal: AbortSignal): Promise<RunView> {
  const answer = await client.call("getRun", { params: { id }, signal });
  if (!answer.ok || answer.value === null) throw new Error(answer.ok ? "the run is gone" : answer.problem.detail);
  return answer.value.run;
}

async function tasksOf(client: Client, run_id: string, signal: AbortSignal): Promise<TaskView[]> {
  const answer = await client.call("listTasks", { query: { run_id, limit: 200 }, signal });
  if (!answer.ok || answer.value === null) throw new Error(answer.ok ? "no tasks" : answer.problem.detail);
  return answer.value.items.toReversed();
}
