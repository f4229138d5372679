/** Budgets of runs: a run whose attempts have cost what they may gives no more leases. Set once, by compare-and-set; nothing sets it back. */
import type { Db } from "./client.ts";

/** What is locked is left for the next look: whoever reports a cost must not wait for a run that is being paused or killed. */
const close = (which: string) => `update runs set over_budget = true
  where id in (
    select run.id
    from runs as run
    where ${which} and run.budget_usd is not null and not run.over_budget
      and run.budget_usd <= (
        select coalesce(sum(attempt.cost_usd), 0)
        from tasks as task join attempts as attempt on attempt.task_id = task.id
        where task.run_id = run.id
      )
    for no key update skip locked
  )
  returning id`;

const CLOSE_ONE = { name: "baton_close_budget", text: close("run.id = $1") };
const CLOSE_ALL = { name: "baton_close_budgets", text: close("run.state in ('active', 'paused')") };

/** Closes the budget of the run if it is used up. */
export async function closeBudget(db: Db, run_id: string): Promise<void> {
  await db.run(CLOSE_ONE, [run_id]);
}

/** Closes what a crash, or two costs told at the same moment, left open; gives how many. */
export async function closeBudgets(db: Db): Promise<number> {
  return (await db.run(CLOSE_ALL, [])).length;
}
