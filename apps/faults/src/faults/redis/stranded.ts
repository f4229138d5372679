/** Tickets that Redis has lost: which ready tasks have none any more, and how long it takes until each has one again or has moved on. */
import { setTimeout as pause } from "node:timers/promises";
import { type Database, openDatabase, readyTasksWithOldTicket } from "@baton/db";
import { isStage } from "@baton/domain";
import { openProducer, type Producer } from "@baton/queue";
import type { Cluster } from "../../cluster/cluster.ts";

export interface Tickets {
  /** Asked just after tickets were lost: resolves when all are back, or at the limit. */
  untilBack(limit_s: number): Promise<{ stranded: number; seconds: number; left: string[] }>;
  close(): Promise<void>;
}

const LOOK_MS = 100;
const MANY = 1_000;

/** Past the ways. */
export function openTickets({ database_url, redis_url }: Cluster): Tickets {
  const db = openDatabase(database_url, { connections: 1, onError: () => {} });
  const producer = openProducer({ kind: "redis", url: redis_url }, { onError: () => {} });
  return {
    untilBack: async (limit_s) => {
      const from = performance.now();
      const so_far = () => (performance.now() - from) / 1_000;
      // Null while Redis cannot be asked: it has just come back.
      const look = () => missingNow(db, producer).catch(() => null);
      let lost = await look();
      while (lost === null && so_far() < limit_s) {
        await pause(LOOK_MS);
        lost = await look();
      }
      if (lost === null) throw new Error("Redis cannot be asked for its tickets");
      let left = lost;
      while (left.length > 0 && so_far() < limit_s) {
        await pause(LOOK_MS);
        const missing = await look();
        if (missing !== null) left = left.filter((task) => missing.includes(task));
      }
      return { stranded: lost.length, seconds: so_far(), left };
    },
    close: async () => {
      await producer.close();
      await db.close();
    },
  };
}

/** Each by its task, visit, stage and epoch: one that has moved on since is another. */
async function missingNow(db: Database, producer: Producer): Promise<string[]> {
  const rows = await readyTasksWithOldTicket(db, 0, MANY, null);
  const names = new Map<string, string>();
  const tickets = rows.flatMap(({ id, stage, visit, dispatch, bundle, epoch }) => {
    names.set(id, `${id} in ${stage}, visit ${visit}, epoch ${epoch}`);
    return isStage(stage) ? [{ task_id: id, stage, visit, dispatch, bundle }] : [];
  });
  const missing = await producer.missing(tickets);
  return missing.map(({ task_id }) => names.get(task_id) ?? task_id);
}
