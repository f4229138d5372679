/** Reading packets of features: the newest ones, pages of them, and what the audit trail sums up. */
import { type LogEntry, type Packet, PHASE_NAMES, type Phase, type TrailPacket } from "@baton/domain";
import type { Db } from "../client.ts";
import { and, desc, eq, inArray, type SQL, sql } from "../drizzle.ts";
import { handoff_packets as packets } from "../schema/index.ts";
import { packetOf } from "./packets.ts";

export async function newestFeaturePacket(db: Db, feature_id: string, phase: Phase): Promise<Packet | null> {
  const [row] = await db.orm
    .select()
    .from(packets)
    .where(and(eq(packets.feature_id, feature_id), eq(packets.phase, phase)))
    .orderBy(desc(packets.version))
    .limit(1);
  return row === undefined ? null : packetOf(row);
}

/** The newest completed packet of any of the phases. */
export async function newestCompleted(db: Db, feature_id: string, phases: readonly Phase[]) {
  if (phases.length === 0) return null;
  const [row] = await db.orm
    .select({ id: packets.id, phase: packets.phase })
    .from(packets)
    .where(
      and(eq(packets.feature_id, feature_id), inArray(packets.phase, [...phases]), eq(packets.status, "completed")),
    )
    .orderBy(desc(packets.created_at), desc(packets.id))
    .limit(1);
  return row ?? null;
}

const order = sql`array_position(array[${sql.raw(PHASE_NAMES.map((phase) => `'${phase}'`).join(", "))}], ${packets.phase})`;

/** Where a page goes on: after the packet `after`. Null when the feature has no such packet. */
export async function pageOfFeaturePackets(
  db: Db,
  feature_id: string,
  { limit, after }: { limit: number; after: string | null },
): Promise<Packet[] | null> {
  let behind: SQL | undefined;
  if (after !== null) {
    const [last] = await db.orm
      .select({ order: sql<number>`${order}`, version: packets.version })
      .from(packets)
      .where(and(eq(packets.id, after), eq(packets.feature_id, feature_id)));
    if (last === undefined) return null;
    behind = sql`(${order}, -${packets.version}) > (${last.order}::int, ${-last.version}::int)`;
  }
  const rows = await db.orm
    .select()
    .from(packets)
    .where(and(eq(packets.feature_id, feature_id), behind))
    .orderBy(order, desc(packets.version))
    .limit(limit);
  return rows.map(packetOf);
}

const REASON_MAX = 500;

/** All packets of the feature without what takes room, oldest first. */
export async function trailPackets(db: Db, feature_id: string): Promise<TrailPacket[]> {
  const rows = await db.orm
    .select({
      ...{ id: packets.id, phase: packets.phase, version: packets.version, status: packets.status },
      ...{ agent_name: packets.agent_name, started_at: packets.started_at, completed_at: packets.completed_at },
      ...{ created_at: packets.created_at, duration_ms: packets.duration_ms, cost_usd: packets.cost_usd },
      ...{ cost_tokens_in: packets.cost_tokens_in, cost_tokens_out: packets.cost_tokens_out },
      rejection_reason: sql<string | null>`left(${packets.rejection_reason}, ${REASON_MAX})`,
      loop_backs: sql<unknown>`${packets.output_metrics} -> 'loop_backs'`,
    })
    .from(packets)
    .where(eq(packets.feature_id, feature_id))
    .orderBy(packets.created_at, packets.id);
  return rows.map((row) => ({
    ...row,
    started_at: row.started_at?.toISOString() ?? null,
    completed_at: row.completed_at?.toISOString() ?? null,
    created_at: row.created_at.toISOString(),
    loop_backs: countOf(row.loop_backs),
  }));
}

/** Metrics are free: anything but a small whole number says nothing about loop-backs. */
function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= 1_000_000 ? value : null;
}

export async function packetsById(db: Db, ids: readonly string[]): Promise<Packet[]> {
  const rows = await db.orm
    .select()
    .from(packets)
    .where(inArray(packets.id, [...ids]));
  return rows.map(packetOf);
}

/** The activity logs of these packets, by packet id. */
export async function logsOf(db: Db, ids: readonly string[]): Promise<Map<string, LogEntry[]>> {
  const rows = await db.orm
    .select({ id: packets.id, activity_log: packets.activity_log })
    .from(packets)
    .where(inArray(packets.id, [...ids]));
  return new Map(rows.map((row) => [row.id, row.activity_log as LogEntry[]]));
}
