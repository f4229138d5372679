/** Ends a run that has nothing left to do: completed, waiting for approval, or failed. */
import { countStates, lockRun, newestPlan, runsWithoutOpenTasks, setRunState } from "@baton/db";
import { isOpenRun, type RunState } from "@baton/domain";
import type { Line } from "./line.ts";
import { inTransaction } from "./transaction.ts";

/** Looks first without a lock: most finished tasks are not the last of their run. Who plans it may be about to add more. */
export async function settleRun(line: Line, workspace_id: string, run_id: string): Promise<void> {
  if (endOf(await countStates(line.db, run_id), "none") === null) return;
  await inTransaction(line, async ({ db }) => {
    const run = await lockRun(db, workspace_id, run_id);
    if (run === null || !isOpenRun(run.state)) return;
    const end = endOf(await countStates(db, run_id), run.approval);
    if (end === null || (await newestPlan(db, workspace_id, run_id))?.alive) return;
    await setRunState(db, run_id, end);
  });
}

/** Ends what a crash left open: active runs without an open task. */
export async function settleRuns(line: Line): Promise<number> {
  const runs = await runsWithoutOpenTasks(line.db, 100);
  for (const run of runs) await settleRun(line, run.workspace_id, run.id);
  return runs.length;
}

/** The state in which a run with these counts ends, null while tasks are open. Cancelled tasks were taken out of the run. */
function endOf(counts: ReadonlyMap<string, number>, approval: "none" | "required"): RunState | null {
  const count = (state: string) => counts.get(state) ?? 0;
  if (count("pending") + count("running") + count("blocked") > 0) return null;
  if (count("failed") > 0 || count("completed") === 0) return "failed";
  return approval === "required" ? "ready_for_commit" : "completed";
}
