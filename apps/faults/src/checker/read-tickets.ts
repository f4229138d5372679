/** Reads what is left of tickets after healing: those never sent, and ready tasks whose ticket is in no queue. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Database, readyTasksWithOldTicket } from "@baton/db";
import { isStage } from "@baton/domain";
import { type Backend, openProducer } from "@baton/queue";

const UNSENT = {
  name: "faults_unsent",
  text: "select id, task_id, stage, dispatch from outbox where not_before <= now() order by id limit 1000",
};

/** A relay sends what is due within a second or two. */
const PATIENCE_MS = 10_000;
const AGAIN_MS = 250;

/** Those that stay: what is on its way is waited for. */
export async function readUnsent(db: Database): Promise<string[]> {
  type Row = { id: number; task_id: string; stage: string; dispatch: number };
  const first = await db.run<Row>(UNSENT, []);
  let left = first;
  for (const end = performance.now() + PATIENCE_MS; left.length > 0 && performance.now() < end; ) {
    await sleep(AGAIN_MS);
    const now = new Set((await db.run<Row>(UNSENT, [])).map(({ id }) => id));
    left = left.filter(({ id }) => now.has(id));
  }
  return left.map(({ task_id, stage, dispatch }) => `${stage} ticket ${dispatch} of task ${task_id}`);
}

/** Reminders that should have been renewed long ago. */
const AGE_MS = 15_000;

export async function readStranded(db: Database, backend: Backend): Promise<string[]> {
  const rows = await readyTasksWithOldTicket(db, AGE_MS, 1_000, null);
  if (rows.length === 0) return [];
  const producer = openProducer(backend, { onError: () => {} });
  try {
    const tickets = rows.flatMap(({ id, stage, visit, dispatch, bundle }) =>
      isStage(stage) ? [{ task_id: id, stage, visit, dispatch, bundle }] : [],
    );
    return (await producer.missing(tickets)).map((ticket) => ticket.task_id);
  } finally {
    await producer.close();
  }
}
