/** Reading what handoffs are derived from: a packet's task, the task's log up to an event, and the marks of its packets. */
import {
  BESIDE_HANDOFFS,
  BESIDE_UNLESS_FAILED,
  type Finding,
  type Packet,
  type PacketMark,
  type StoredEvent,
} from "@baton/domain";
import type { Db } from "../client.ts";
import { and, asc, desc, eq, inArray, lte, ne, notInArray, or, sql } from "../drizzle.ts";
import type { TaskRow } from "../rows.ts";
import { events, findings, handoff_packets, tasks } from "../schema/index.ts";
import { eventOf } from "./history.ts";
import { packetOf } from "./packets.ts";

/** The task that left the packet, with the database's clock. Null for a packet of a feature. */
export async function taskOfPacket(
  db: Db,
  workspace_id: string,
  packet_id: string,
): Promise<{ row: TaskRow; now: Date } | null> {
  const [found] = await db.orm
    .select({ row: tasks, now: sql`now()`.mapWith(tasks.created_at) })
    .from(handoff_packets)
    .innerJoin(tasks, eq(tasks.id, handoff_packets.task_id))
    .where(and(eq(handoff_packets.id, packet_id), eq(tasks.workspace_id, workspace_id)));
  return found ?? null;
}

/**
 * Of the log of a task from its beginning to the event `seq` what its handoffs follow from. A task may be claimed and
 * given back any number of times: what that leaves in the log is passed over here, where it costs least.
 */
export async function logUntil(db: Db, task_id: string, seq: number): Promise<StoredEvent[]> {
  const touching = db.orm
    .select({
      ...{ seq: events.seq, type: events.type },
      before: sql<string | null>`lag(${events.type}) over (order by ${events.seq})`.as("before"),
      behind: sql<string | null>`lead(${events.type}) over (order by ${events.seq})`.as("behind"),
    })
    .from(events)
    .where(and(eq(events.task_id, task_id), lte(events.seq, seq), mayTouchHandoffs))
    .as("touching");
  const between = sql`${touching.before} = 'claimed' and ${touching.behind} = 'claimed'`;
  const needed = db.orm
    .select({ seq: touching.seq })
    .from(touching)
    .where(or(ne(touching.type, "claimed"), sql`(${between}) is not true`));
  const rows = await db.orm
    .select()
    .from(events)
    .where(and(eq(events.task_id, task_id), inArray(events.seq, needed)))
    .orderBy(asc(events.seq));
  return rows.map((row) => ({ ...eventOf(row), visit: row.visit, actor: row.actor }));
}

const mayTouchHandoffs = and(
  notInArray(events.type, [...BESIDE_HANDOFFS]),
  or(notInArray(events.type, [...BESIDE_UNLESS_FAILED]), eq(events.to_state, "failed")),
);

/** Of each packet of a task what a handoff needs, and no more: packets may be large. */
export async function packetMarks(db: Db, task_id: string): Promise<PacketMark[]> {
  const { id, phase, version, rejection_reason } = handoff_packets;
  return db.orm
    .select({ id, phase, version, rejection_reason })
    .from(handoff_packets)
    .where(eq(handoff_packets.task_id, task_id));
}

/** In the order of `ids`. */
export async function packetsWithFindings(
  db: Db,
  ids: readonly string[],
): Promise<(Packet & { findings: Finding[] })[]> {
  if (ids.length === 0) return [];
  const rows = await db.orm
    .select()
    .from(handoff_packets)
    .where(inArray(handoff_packets.id, [...ids]));
  const found = await findingsOf(db, ids);
  const byId = new Map(rows.map((row) => [row.id, packetOf(row)]));
  return ids.flatMap((id) => {
    const packet = byId.get(id);
    return packet ? [{ ...packet, findings: found.get(id) ?? [] }] : [];
  });
}

/** The worst first, by the packet that they ride in. */
async function findingsOf(db: Db, packet_ids: readonly string[]): Promise<Map<string, Finding[]>> {
  const rows = await db.orm
    .select()
    .from(findings)
    .where(inArray(findings.packet_id, [...packet_ids]))
    .orderBy(desc(findings.priority), asc(findings.id));
  const byPacket = Map.groupBy(rows, ({ packet_id }) => packet_id);
  return new Map([...byPacket].map(([id, of]) => [id, of.map(findingOf)]));
}

function findingOf(row: typeof findings.$inferSelect): Finding {
  const { fingerprint, kind, title, description, severity, priority, status, file, line } = row;
  return { fingerprint, kind, title, description, severity, priority, status, file, line };
}
