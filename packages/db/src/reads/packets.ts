/** Reading packets. */
import type { Packet } from "@baton/domain";
import type { Db } from "../client.ts";
import { and, desc, eq, sql } from "../drizzle.ts";
import { handoff_packets } from "../schema/index.ts";

type PacketRow = typeof handoff_packets.$inferSelect;

/** The packet as it is shown: times as ISO strings, money as a string. */
export function packetOf(row: PacketRow): Packet {
  const { workspace_id: _, ...packet } = row;
  return {
    ...packet,
    started_at: row.started_at?.toISOString() ?? null,
    completed_at: row.completed_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  } as Packet;
}

export async function findPacket(db: Db, id: string): Promise<Packet | null> {
  const [row] = await db.orm.select().from(handoff_packets).where(eq(handoff_packets.id, id));
  return row === undefined ? null : packetOf(row);
}

/** The newest packet of the task in `phase`. */
export async function newestPacket(db: Db, task_id: string, phase: string): Promise<Packet | null> {
  const [row] = await db.orm
    .select()
    .from(handoff_packets)
    .where(and(eq(handoff_packets.task_id, task_id), eq(handoff_packets.phase, phase)))
    .orderBy(desc(handoff_packets.version))
    .limit(1);
  return row === undefined ? null : packetOf(row);
}

/** The newest packets of a task, newest first. */
export async function packetsOf(db: Db, task_id: string): Promise<Packet[]> {
  const rows = await db.orm
    .select()
    .from(handoff_packets)
    .where(eq(handoff_packets.task_id, task_id))
    .orderBy(sql`${handoff_packets.created_at} desc, ${handoff_packets.id} desc`)
    .limit(200);
  return rows.map(packetOf);
}
