/** Reading a task's ledger: every event with its hash, and the rows that the events vouch for. */

import type { Db } from "../client.ts";
import { asc, eq, sql } from "../drizzle.ts";
import { artifacts, events, findings, handoff_packets, tasks } from "../schema/index.ts";
import { packetOf } from "./packets.ts";

/** All of one moment: a task that moves meanwhile does not tear it. Null for a task that is not there. */
export async function readLedger(db: Db, task_id: string) {
  return db.transaction(async ({ orm }) => {
    await orm.execute(sql`set transaction isolation level repeatable read, read only`);
    const [task] = await orm.select({ ledger: tasks.ledger }).from(tasks).where(eq(tasks.id, task_id));
    if (task === undefined) return null;
    const chain = await orm.select().from(events).where(eq(events.task_id, task_id)).orderBy(asc(events.seq));
    const packets = await orm
      .select()
      .from(handoff_packets)
      .where(eq(handoff_packets.task_id, task_id))
      .orderBy(asc(handoff_packets.id));
    const found = await orm.select().from(findings).where(eq(findings.task_id, task_id)).orderBy(asc(findings.id));
    const left = await orm.select().from(artifacts).where(eq(artifacts.task_id, task_id)).orderBy(asc(artifacts.id));
    return { head: task.ledger, events: chain, packets: packets.map(packetOf), findings: found, artifacts: left };
  });
}
