/** Looking at runs and tasks. An agent sees the tasks that it has held; everyone else sees the workspace. */
import {
  blockedTasks,
  countPlaces,
  eventsOf,
  findRun,
  hasHeld,
  pageOfRuns,
  pageOfTasks,
  readyTasks as readReady,
  runCost,
  type WholeTask,
  wholeTask,
} from "@baton/db";
import { ok, PLACES, type Result, refused, STAGES, stepsPassed, TASK_STATES } from "@baton/domain";
import type {
  EventList,
  ListRuns,
  ListTasks,
  ProgressView,
  QueueView,
  ReadyTasks,
  RunAnswer,
  RunList,
  TaskAnswer,
  TaskList,
  Timeline,
} from "@baton/domain/api";
import type { Line } from "./line.ts";
import { pageOf } from "./page.ts";
import type { Principal } from "./principal.ts";
import { eventView, runView, taskView } from "./views.ts";

const NO_RUN = refused("not_found", "There is no such run.");
export const NO_TASK = refused("not_found", "There is no such task.");

interface ById {
  id: string;
}

export async function getRun(line: Line, who: Principal, { id }: ById): Promise<Result<RunAnswer>> {
  const row = await findRun(line.db, who.workspace_id, id);
  return row === null ? NO_RUN : ok({ run: runView(row) });
}

export async function listRuns(line: Line, who: Principal, input: ListRuns): Promise<Result<RunList>> {
  return ok(await pageOf(input, (page) => pageOfRuns(line.db, who.workspace_id, page, input), runView));
}

export async function taskProgress(line: Line, who: Principal, { id }: ById): Promise<Result<ProgressView>> {
  if ((await findRun(line.db, who.workspace_id, id)) === null) return NO_RUN;
  const places = await countPlaces(line.db, id);
  const count = (rows: typeof places) => rows.reduce((sum, row) => sum + row.count, 0);
  const total = count(places);
  const passed = places.reduce((sum, row) => sum + row.count * stepsPassed(row.stage), 0);
  const blocked = await blockedTasks(line.db, id);
  return ok({
    run_id: id,
    total,
    by_stage: tally(PLACES, (place) => count(places.filter((row) => row.stage === place))),
    by_state: tally(TASK_STATES, (state) => count(places.filter((row) => row.state === state))),
    percent: total === 0 ? 0 : Math.round((1_000 * passed) / (total * STAGES.length)) / 10,
    blocked: blocked.map(({ kind, reason, until, ...task }) => ({
      ...task,
      kind: kind ?? "needs_input",
      reason: reason ?? "",
      until: until?.toISOString() ?? null,
    })),
    ...(await runCost(line.db, id)),
  });
}

function tally<K extends string>(keys: readonly K[], count: (key: K) => number): Record<K, number> {
  return Object.fromEntries(keys.map((key) => [key, count(key)])) as Record<K, number>;
}

export async function getTask(line: Line, who: Principal, { id }: ById): Promise<Result<TaskAnswer>> {
  const whole = await visibleTask(line, who, id);
  return whole === null ? NO_TASK : ok({ task: taskView(whole) });
}

export async function listTasks(line: Line, who: Principal, input: ListTasks): Promise<Result<TaskList>> {
  return ok(await pageOf(input, (page) => pageOfTasks(line.db, who.workspace_id, page, input), taskView));
}

export async function readyTasks(line: Line, who: Principal, input: ReadyTasks): Promise<Result<QueueView>> {
  const rows = await readReady(line.db, who.workspace_id, input.limit, input);
  return ok({ items: rows.map(taskView) });
}

/** The cursor is the number of the last event seen. */
export async function timeline(line: Line, who: Principal, input: Timeline & ById): Promise<Result<EventList>> {
  if ((await visibleTask(line, who, input.id)) === null) return NO_TASK;
  const rows = await eventsOf(line.db, input.id, Number(input.cursor ?? 0), input.limit + 1);
  const items = rows.slice(0, input.limit).map(eventView);
  return ok({ items, next_cursor: rows.length > input.limit ? String(items.at(-1)?.seq) : null });
}

export async function visibleTask(line: Line, who: Principal, id: string): Promise<WholeTask | null> {
  const whole = await wholeTask(line.db, who.workspace_id, id);
  if (whole === null || who.role !== "agent") return whole;
  return (await hasHeld(line.db, id, who.token_id)) ? whole : null;
}
