/** I1: every 201 exists and ends. Nothing waits for ever: after healing each task is final and each run over. */
import { isFinal, isFinalRun } from "@baton/domain";
import { named } from "../../history/read.ts";
import type { Invariant } from "../evidence.ts";
import { found, mayHaveHappened } from "../told.ts";

export const existsAndEnds: Invariant = (calls, { runs, lives }) => {
  const runIds = new Set(runs.map((run) => run.id));
  const runOf = new Map(lives.map(({ task }) => [task.id, task.run_id]));
  const missing = named(calls, "create_run").flatMap(({ operation, end }) => {
    if (end.type !== "ok") return [];
    const { run_id = "?", task_ids = [] } = end.answer;
    const few =
      task_ids.length === operation.tasks
        ? []
        : [`run ${run_id} was answered with ${task_ids.length} tasks, not ${operation.tasks}`];
    if (!runIds.has(run_id)) return [`run ${run_id} was answered with 201 and is not there`];
    const gone = task_ids.filter((id) => runOf.get(id) !== run_id);
    return [...few, ...gone.map((id) => `task ${id} of run ${run_id} was answered with 201 and is not there`)];
  });
  const open = lives.flatMap(({ task: { id, state, stage } }) =>
    isFinal(state) ? [] : [`task ${id} did not end: it is ${state} at ${stage}`],
  );
  const kills = named(calls, "kill");
  const going = runs.flatMap(({ id, state }) => {
    const own = kills.filter(({ operation }) => operation.run_id === id);
    if (!isFinalRun(state)) return [`run ${id} did not end: it is ${state}`];
    if (state === "killed" && !own.some(mayHaveHappened)) return [`run ${id} was killed by nobody`];
    const told = state !== "killed" && own.some(({ end }) => end.type === "ok");
    return told ? [`the kill of run ${id} was acknowledged, and it is ${state}`] : [];
  });
  return found("every 201 exists and ends", [...missing, ...open, ...going]);
};
