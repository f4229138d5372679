/** Puts work on the line: a run with its tasks, or more tasks for a run that is not over. */
import {
  findFeature,
  findProject,
  insertRun,
  lockRun,
  newId,
  type ProjectRow,
  type NewTask as Row,
  type RunRow,
  submit,
  wholeTasks,
} from "@baton/db";
import { isOpenRun, type Limits, ok, type Result, refused, STAGES } from "@baton/domain";
import type { AddedTasks, AddTasks, CreateRun, NewTask, RunWithTasks } from "@baton/domain/api";
import { inBundles, sharedBy } from "./bundles.ts";
import { type Dependencies, resolveDependencies } from "./dependencies.ts";
import { inTransaction, type Line } from "./line.ts";
import type { Principal } from "./principal.ts";
import { runView, taskView } from "./views.ts";

/** `auto_trigger`: whether hosted workers start by themselves where the project does not say. 201 means: stored, with its tickets. */
export async function createRun(
  line: Line,
  who: Principal,
  { auto_trigger = true, ...input }: CreateRun & { auto_trigger?: boolean },
): Promise<Result<RunWithTasks>> {
  const project = await findProject(line.db, who.workspace_id, input.project_id);
  if (project === null) return refused("not_found", "There is no such project.");
  const feature =
    input.feature_id === undefined ? null : await findFeature(line.db, who.workspace_id, input.feature_id);
  if (input.feature_id !== undefined && feature?.project_id !== project.id) {
    return refused("not_found", "The project has no such feature.");
  }
  const ids = input.tasks.map(() => newId());
  const { approval = project.settings.approval, budget_usd, weight } = input.options;
  return inTransaction(line, async (tx) => {
    const dependencies = await resolveDependencies(tx.db, who.workspace_id, input.tasks, ids);
    if (!dependencies.ok) return dependencies;
    const run = await insertRun(tx.db, {
      ...{ id: newId(), workspace_id: who.workspace_id, project_id: project.id, feature_id: feature?.id ?? null },
      ...{ name: input.name, approval, ...(budget_usd && { budget_usd }), ...(weight && { weight }) },
      ...(input.goal !== undefined && { goal: input.goal }),
      triggered: (project.settings.auto_trigger ?? auto_trigger) ? [...STAGES] : [],
    });
    const tasks = await putOnLine(tx, who, run, project, input.tasks, dependencies.value);
    return ok({ run: runView(run), tasks });
  });
}

/** A paused run takes new tasks and holds them; a run that is over takes none. */
export async function addTasks(
  line: Line,
  who: Principal,
  input: AddTasks & { id: string },
): Promise<Result<AddedTasks>> {
  const ids = input.tasks.map(() => newId());
  return inTransaction(line, async (tx) => {
    const run = await lockRun(tx.db, who.workspace_id, input.id);
    const project = run && (await findProject(tx.db, who.workspace_id, run.project_id));
    if (run === null || project === null) return refused("not_found", "There is no such run.");
    if (!isOpenRun(run.state)) {
      return refused("run_closed", `The run is ${run.state} and takes no more tasks. Create a new run.`);
    }
    const dependencies = await resolveDependencies(tx.db, who.workspace_id, input.tasks, ids);
    if (!dependencies.ok) return dependencies;
    return ok({ tasks: await putOnLine(tx, who, run, project, input.tasks, dependencies.value) });
  });
}

export async function putOnLine(
  line: Line,
  who: Principal,
  run: RunRow,
  { settings: { limits }, hosted }: Pick<ProjectRow, "settings" | "hosted">,
  tasks: readonly NewTask[],
  dependencies: Dependencies[],
) {
  const rows = tasks.flatMap((task, i) => {
    const own = dependencies[i];
    return own === undefined ? [] : [rowOf(who, run, limits, task, own)];
  });
  // Tasks that wait for others get their tickets one by one, when they need wait no more.
  const keyOf = (row: Row) => (row.waits || row.held ? null : sharedBy(run.id, "dev", hosted));
  line.announce(await submit(line.db, inBundles(rows, keyOf)));
  const stored = await wholeTasks(
    line.db,
    rows.map((row) => row.id),
  );
  return stored.map(taskView);
}

function rowOf(
  who: Principal,
  run: RunRow,
  limits: Limits,
  task: NewTask,
  { id, depends_on, waits }: Dependencies,
): Row {
  return {
    ...{ id, workspace_id: run.workspace_id, project_id: run.project_id, run_id: run.id },
    ...{ held: run.state === "paused", priority: task.priority, limits, depends_on, waits, actor: who.name },
    ...{ title: task.title, description: task.description, acceptance_criteria: task.acceptance_criteria },
    data: { limits, ...(waits && { kind: "dependency", reason: "waits for other tasks", until: null }) },
  };
}
