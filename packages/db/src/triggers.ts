/** In which stages of a run hosted workers may start by themselves. */
import type { Stage } from "@baton/domain";
import type { Db } from "./client.ts";
import { and, asc, eq, gt, inArray, sql } from "./drizzle.ts";
import type { RunRow } from "./runs.ts";
import { runs, tasks } from "./schema/index.ts";

/** Must be called with the run's lock held. */
export async function setTriggered(tx: Db, run_id: string, stages: readonly Stage[]): Promise<RunRow> {
  const [row] = await tx.orm
    .update(runs)
    .set({ triggered: [...stages], updated_at: sql`now()` })
    .where(eq(runs.id, run_id))
    .returning();
  if (row === undefined) throw new Error("the run is gone");
  return row;
}

/** Tasks of the run that could be claimed now in these stages, as `redispatch` asks for them, in pages by id. */
export async function readyTasksOf(
  tx: Db,
  run_id: string,
  stages: readonly Stage[],
  after: string | null,
  limit: number,
): Promise<{ task_id: string; seq: number; dispatch: number }[]> {
  return tx.orm
    .select({ task_id: tasks.id, seq: tasks.seq, dispatch: tasks.dispatch })
    .from(tasks)
    .where(
      and(
        eq(tasks.run_id, run_id),
        after === null ? undefined : gt(tasks.id, after),
        inArray(tasks.stage, [...stages]),
        eq(tasks.state, "pending"),
        eq(tasks.held, false),
        sql`${tasks.due_at} <= now() + interval '0.5 ms'`,
      ),
    )
    .orderBy(asc(tasks.id))
    .limit(limit);
}
