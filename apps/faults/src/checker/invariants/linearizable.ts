/** I8: for each task there is an order of all that was said about it in which one task with one lease explains every answer. */
import { type Call, named } from "../../history/read.ts";
import type { Violation } from "../../scenario.ts";
import type { Invariant, Life } from "../evidence.ts";
import { explain } from "../search.ts";
import { TASK } from "../task-object.ts";
import { stepsOf, type TaskCalls } from "../task-steps.ts";

const NAME = "linearizable per task";

export const linearizable: Invariant = (calls, { lives }) => {
  const claims = Map.groupBy(named(calls, "claim"), ({ operation }) => operation.claim_id);
  const byTask = Map.groupBy(calls, ({ operation }) => ("task_id" in operation ? operation.task_id : ""));
  const byRun = Map.groupBy(named(calls, "pause", "resume", "kill"), ({ operation }) => operation.run_id);
  const byLease = new Map<string, Call[]>();
  for (const call of named(calls, "claim")) {
    const lease = call.end.type === "ok" ? call.end.answer.lease?.lease_id : undefined;
    if (lease !== undefined) byLease.set(lease, [...(byLease.get(lease) ?? []), call]);
  }
  return lives.flatMap((life) => {
    const of_task = life.attempts.flatMap(({ id, claim_id }) => claims.get(claim_id) ?? byLease.get(id) ?? []);
    return judged(life, {
      own: byTask.get(life.task.id) ?? [],
      of_run: byRun.get(life.task.run_id) ?? [],
      claims: Map.groupBy(named(of_task, "claim"), ({ operation }) => operation.claim_id),
    });
  });
};

function judged(life: Life, calls: TaskCalls): Violation[] {
  const steps = stepsOf(life, calls);
  const answer = explain(TASK, steps);
  const { id } = life.task;
  if (answer.verdict === "yes") return [];
  if (answer.verdict === "gave_up") return [{ invariant: NAME, detail: `task ${id}: no order found among too many` }];
  const stuck = steps[answer.stuck];
  const detail = `task ${id}: no order explains its ${steps.length} steps; ${answer.furthest} can be, then not: ${stuck?.told ?? "?"}`;
  return [{ invariant: NAME, detail }];
}
