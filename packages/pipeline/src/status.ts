/** What the system says about itself: does the database answer, does the queue, how much waits where. */
import { outboxSize, ping as pingDatabase, type StageDepth, stageDepths } from "@baton/db";
import { STAGES, type Stage } from "@baton/domain";
import type { OpenLine } from "./line.ts";

export interface LineStatus {
  database: { ok: boolean };
  queue: { ok: boolean };
  stages: Record<Stage, StageDepth & { waiting_tickets: number | null }>;
}

const NOTHING: StageDepth = { ready: 0, running: 0, oldest_ready_s: null };

/** Of one workspace, or of all; tickets are counted over all in any case. Answers also when one of the two is away. */
export async function status(line: OpenLine, workspace_id: string | null): Promise<LineStatus> {
  const [depths, tickets] = await Promise.all([
    orNull(stageDepths(line.db, workspace_id)),
    orNull(line.producer.depth()),
  ]);
  const ofStage = (stage: Stage) => ({
    ...(depths?.[stage] ?? NOTHING),
    waiting_tickets: tickets?.[stage].waiting ?? null,
  });
  return {
    database: { ok: depths !== null },
    queue: { ok: tickets !== null },
    stages: Object.fromEntries(STAGES.map((stage) => [stage, ofStage(stage)])) as LineStatus["stages"],
  };
}

/** Throws when Postgres does not answer. */
export async function ping(line: OpenLine): Promise<void> {
  await pingDatabase(line.db);
}

/** Tickets committed and not yet in the queue. */
export async function unsent(line: OpenLine): Promise<number> {
  return outboxSize(line.db);
}

async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  return answer.catch(() => null);
}
