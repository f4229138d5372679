/** Writing packets of features. The feature's row is locked first, so that versions are given out one after the other. */
import type { Packet } from "@baton/domain";
import type { Db } from "./client.ts";
import { and, eq, sql } from "./drizzle.ts";
import type { FeatureRow } from "./projects.ts";
import { packetOf } from "./reads/packets.ts";
import { features, handoff_packets } from "./schema/index.ts";

/** Locked until the transaction ends, with the database's clock; null when the workspace has no such feature. Runs may refer to it meanwhile. */
export async function lockFeature(
  tx: Db,
  workspace_id: string,
  id: string,
): Promise<{ feature: FeatureRow; now: Date } | null> {
  const [found] = await tx.orm
    .select({ feature: features, now: sql`now()`.mapWith(features.created_at) })
    .from(features)
    .where(and(eq(features.workspace_id, workspace_id), eq(features.id, id)))
    .for("no key update");
  return found ?? null;
}

type FeaturePacket = Omit<typeof handoff_packets.$inferInsert, "task_id" | "created_at" | "updated_at">;

/** Must be called with the feature's lock held. */
export async function insertFeaturePacket(tx: Db, packet: FeaturePacket): Promise<Packet> {
  // Not the beginning of the transaction: the order of these times is the order of the lock.
  const written = sql`clock_timestamp()`;
  const [row] = await tx.orm
    .insert(handoff_packets)
    .values({ ...packet, created_at: written, updated_at: written })
    .returning();
  if (row === undefined) throw new Error("the packet was not written");
  return packetOf(row);
}
