/** Resolves what new tasks depend on: positions in the same list or ids of stored tasks. Refuses what could never begin. */
import { type Db, lockStatesOf } from "@baton/db";
import { ok, type Result, refused } from "@baton/domain";
import type { NewTask } from "@baton/domain/api";

export interface Dependencies {
  id: string;
  depends_on: string[];
  /** False when everything it depends on is completed already. */
  waits: boolean;
}

type Problems = { pointer: string; detail: string }[];

/** `ids[i]` is the id of `tasks[i]`. Gives one entry for each task, in their order. Holds until the transaction ends: what is completed stays so. */
export async function resolveDependencies(
  tx: Db,
  workspace_id: string,
  tasks: readonly NewTask[],
  ids: readonly string[],
): Promise<Result<Dependencies[]>> {
  const named = tasks.flatMap((task) => task.depends_on.filter((one) => typeof one === "string"));
  const states = await lockStatesOf(tx, workspace_id, [...new Set(named)]);
  const problems: Problems = [];
  const resolved = tasks.map((task, i) => {
    const depends_on = task.depends_on.map((one, j) => {
      const id = typeof one === "number" ? ids[one] : states.has(one) ? one : undefined;
      const detail = typeof one === "number" ? `there is no task ${one} in this list` : "there is no such task";
      if (id === undefined) problems.push({ pointer: `/tasks/${i}/depends_on/${j}`, detail });
      return id ?? "";
    });
    return {
      id: ids[i] ?? "",
      depends_on: [...new Set(depends_on)],
      waits: depends_on.some((id) => states.get(id) !== "completed"),
    };
  });
  if (problems.length === 0) problems.push(...cycles(resolved));
  if (problems.length > 0)
    return refused("dependency_invalid", "Some tasks depend on what they cannot depend on.", { errors: problems });
  return ok(resolved);
}

/** Takes away tasks that can begin until none is left; what stays waits for itself (Kahn 1962). */
function cycles(tasks: readonly Dependencies[]): Problems {
  const inList = new Set(tasks.map((task) => task.id));
  const waitsFor = new Map(tasks.map((task) => [task.id, new Set(task.depends_on.filter((id) => inList.has(id)))]));
  const freedBy = Map.groupBy(
    tasks.flatMap((task) => task.depends_on.map((on) => ({ on, id: task.id }))),
    (edge) => edge.on,
  );
  const free = tasks.filter((task) => waitsFor.get(task.id)?.size === 0).map((task) => task.id);
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    waitsFor.delete(id);
    for (const edge of freedBy.get(id) ?? []) {
      const left = waitsFor.get(edge.id);
      left?.delete(id);
      if (left?.size === 0) free.push(edge.id);
    }
  }
  return tasks.flatMap((task, i) =>
    waitsFor.has(task.id)
      ? [{ pointer: `/tasks/${i}/depends_on`, detail: "waits for itself through other tasks" }]
      : [],
  );
}
