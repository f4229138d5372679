/** How much lies in each stage, for status and metrics. */
import { STAGES, type Stage } from "@baton/domain";
import type { Db } from "../client.ts";
import { sql } from "../drizzle.ts";
import { outbox } from "../schema/index.ts";
import { statement } from "../statements.ts";

export interface StageDepth {
  /** Tasks that a claim would get now, or once their project has room. */
  ready: number;
  running: number;
  /** Age of the oldest ready task in seconds, null when there is none. */
  oldest_ready_s: number | null;
}

const DEPTH = statement("depth");

/** Of one workspace, or of all of them. */
export async function stageDepths(db: Db, workspace_id: string | null): Promise<Record<Stage, StageDepth>> {
  const rows = await db.run<{ [K in keyof StageDepth]: StageDepth[K] } & { stage: string }>(DEPTH, [workspace_id]);
  const empty: StageDepth = { ready: 0, running: 0, oldest_ready_s: null };
  const found = new Map(rows.map(({ stage, ...depth }) => [stage, depth]));
  return Object.fromEntries(STAGES.map((stage) => [stage, found.get(stage) ?? empty])) as Record<Stage, StageDepth>;
}

/** Tickets that are committed and not in the queue yet. */
export async function outboxSize(db: Db): Promise<number> {
  return db.orm.$count(outbox);
}

export async function ping(db: Db): Promise<void> {
  await db.orm.execute(sql`select 1`);
}
