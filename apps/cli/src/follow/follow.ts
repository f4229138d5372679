/** Follows a run until it is over: what changed since the last look, without a call for each task. Reads the API and nothing else. */
import { setTimeout as pause } from "node:timers/promises";
import { type Client, ServerAway } from "@baton/client";
import { isFinalRun } from "@baton/domain";
import type { EventView, ProgressView, RunView, TaskView } from "@baton/domain/api";
import { answered, Complaint } from "../complaint.ts";
import { EXIT } from "../exit-codes.ts";
import { everyPage } from "../pages.ts";

/** Something that happened to a task, with what happened to it before, as far as it was read. */
export interface Change {
  task: TaskView;
  event: EventView;
  before: readonly EventView[];
}

export type Look =
  | { kind: "seen"; run: RunView; progress: ProgressView; changes: Change[] }
  /** Nobody answers, or the database does not: it is asked again until somebody does. */
  | { kind: "away"; detail: string };

const LOOK_EVERY_MS = 500;
/** However many tasks there are, most of the time is left to others. */
const REST = 4;
const LONGEST_REST_MS = 10_000;

/** Ends with the look that shows the run over; throws when the run is not there, and the signal's reason. */
export async function* follow(client: Client, run_id: string, signal: AbortSignal): AsyncGenerator<Look> {
  const tasks = watchTasks(client, run_id, signal);
  for (;;) {
    const begun = performance.now();
    const seen = await look(client, run_id, tasks, signal).catch((error: unknown): Look => {
      const detail = whyAway(error);
      if (detail === null) throw error;
      return { kind: "away", detail };
    });
    yield seen;
    if (seen.kind === "seen" && isFinalRun(seen.run.state)) return;
    const rest = seen.kind === "away" ? 0 : Math.min(REST * (performance.now() - begun), LONGEST_REST_MS);
    await pause(Math.max(LOOK_EVERY_MS, rest), undefined, { signal });
  }
}

/** Null for what asking again does not mend. */
function whyAway(error: unknown): string | null {
  if (error instanceof ServerAway) return error.message;
  if (error instanceof Complaint && error.exit_code === EXIT.unavailable) return error.problem?.detail ?? error.message;
  return null;
}

async function look(client: Client, id: string, tasks: Tasks, signal: AbortSignal): Promise<Look> {
  // The run first: what it says is over is then wholly in what is read afterwards.
  const { run } = answered(await client.call("getRun", { params: { id }, signal }));
  await tasks.read();
  const progress = answered(await client.call("taskProgress", { params: { id }, signal }));
  // Nothing can go wrong any more: what is taken is told.
  return { kind: "seen", run, progress, changes: tasks.take() };
}

interface Known {
  /** Differs after every change. */
  mark: string;
  /** Null until it was read: what happened before the first look is not told. */
  events: EventView[] | null;
  changed_at: string;
}

interface Tasks {
  read: () => Promise<void>;
  /** What was read and not taken yet, also by reads that broke off. */
  take: () => Change[];
}

/** Only the timelines of tasks that look different are read. */
function watchTasks(client: Client, run_id: string, signal: AbortSignal): Tasks {
  const known = new Map<string, Known>();
  let untaken: Change[] = [];
  let first_look = true;

  const readNews = async (task: TaskView, mark: string): Promise<void> => {
    const before = known.get(task.id);
    const events = before?.events ?? [];
    const fresh = await timelineAfter(client, task.id, events.at(-1)?.seq ?? 0, signal);
    const untold = before?.events === null ? fresh.filter(({ at }) => at > before.changed_at) : fresh;
    const all = [...events, ...fresh];
    known.set(task.id, { mark, events: all, changed_at: task.updated_at });
    untaken.push(...untold.map((event) => ({ task, event, before: all.slice(0, all.indexOf(event)) })));
  };

  const read = async () => {
    const newest = await everyPage<TaskView>((page) =>
      client.call("listTasks", { query: { ...page, run_id }, signal }),
    );
    for (const task of newest.toReversed()) {
      const mark = markOf(task);
      if (first_look) known.set(task.id, { mark, events: null, changed_at: task.updated_at });
      else if (known.get(task.id)?.mark !== mark) await readNews(task, mark);
    }
    first_look = false;
  };

  const take = () => {
    const changes = untaken.toSorted((a, b) => a.event.at.localeCompare(b.event.at));
    untaken = [];
    return changes;
  };
  return { read, take };
}

function markOf({ updated_at, state, stage, visit, attempt }: TaskView): string {
  return [updated_at, state, stage, visit, attempt].join();
}

async function timelineAfter(client: Client, id: string, seq: number, signal: AbortSignal): Promise<EventView[]> {
  return everyPage<EventView>(({ limit, cursor = String(seq) }) =>
    client.call("timeline", { params: { id }, query: { limit, cursor }, signal }),
  );
}
