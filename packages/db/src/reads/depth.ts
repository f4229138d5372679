/** How much lies in each stage, for status and metrics. */
import { STAGES, type Stage } from "@baton/domain";
import type { Db } from "../client.ts";
import { sql } from "../drizzle.ts";
import { outbox, tasks } from "../schema/index.ts";

export interface StageDepth {
  ready: number;
  running: number;
  /** Age of the oldest ready task in seconds, null when there is none. */
  oldest_ready_s: number | null;
}

export async function stageDepths(db: Db): Promise<Record<Stage, StageDepth>> {
  const due = sql`${tasks.state} = 'pending' and not ${tasks.held} and ${tasks.due_at} <= now() + interval '0.5 ms'`;
  const rows = await db.orm
    .select({
      stage: tasks.stage,
      ready: sql<number>`count(*) filter (where ${due})::int`,
      running: sql<number>`count(*) filter (where ${tasks.state} = 'running')::int`,
      oldest_ready_s: sql<
        number | null
      >`extract(epoch from now() - min(${tasks.due_at}) filter (where ${due}))::float8`,
    })
    .from(tasks)
    .where(sql`${tasks.state} = 'running' or (${tasks.state} = 'pending' and not ${tasks.held})`)
    .groupBy(tasks.stage);
  const empty: StageDepth = { ready: 0, running: 0, oldest_ready_s: null };
  const found = new Map(rows.map(({ stage, ...depth }) => [stage as string, depth]));
  return Object.fromEntries(STAGES.map((stage) => [stage, found.get(stage) ?? empty])) as Record<Stage, StageDepth>;
}

/** Tickets that are committed and not in the queue yet. */
export async function outboxSize(db: Db): Promise<number> {
  return db.orm.$count(outbox);
}

export async function ping(db: Db): Promise<void> {
  await db.orm.execute(sql`select 1`);
}
