/** Artifacts and the blobs under them: rows that are only ever added, each guarded by the lease in its own statement. The bytes are in packages/store. */
import type { LeaseRef, Stage } from "@baton/domain";
import type { Db } from "./client.ts";
import { and, desc, eq, type SQL, sql } from "./drizzle.ts";
import { artifacts, blobs, tasks } from "./schema/index.ts";

export type ArtifactRow = typeof artifacts.$inferSelect;

export interface NewArtifact extends LeaseRef {
  id: string;
  task_id: string;
  name: string;
  media_type: string;
  checksum: string;
  size_bytes: number;
  created_by: string;
}

/** Two uploads of one lease do not count past each other's limits. Ends with the transaction. */
export async function lockArtifactsOf(tx: Db, lease_id: string): Promise<void> {
  await tx.orm.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`artifacts ${lease_id}`}, 0))`);
}

/** How many artifacts the attempt has put, and how large they are together. */
export async function countArtifacts(db: Db, lease_id: string): Promise<{ count: number; size_bytes: number }> {
  const [found] = await db.orm
    .select({
      count: sql<number>`count(*)`.mapWith(Number),
      size_bytes: sql<number>`coalesce(sum(${artifacts.size_bytes}), 0)`.mapWith(Number),
    })
    .from(artifacts)
    .where(eq(artifacts.lease_id, lease_id));
  return found ?? { count: 0, size_bytes: 0 };
}

/** The one that counts under this name. */
export async function newestArtifact(db: Db, lease_id: string, name: string): Promise<ArtifactRow | null> {
  const [row] = await db.orm
    .select()
    .from(artifacts)
    .where(and(eq(artifacts.lease_id, lease_id), eq(artifacts.name, name)))
    .orderBy(desc(artifacts.id))
    .limit(1);
  return row ?? null;
}

/** The content is wanted, from now on for a day at least. Waits for a collector that is at this very content. */
export async function useBlob(tx: Db, checksum: string, size_bytes: number): Promise<void> {
  await tx.orm
    .insert(blobs)
    .values({ checksum, size_bytes })
    .onConflictDoUpdate({ target: blobs.checksum, set: { used_at: sql`now()` } });
}

/** The lease is the current one of its task and lives, by this server's clock. */
export function leaseLives({ lease_id, epoch, task_id }: LeaseRef & { task_id: string }): SQL | undefined {
  return and(
    eq(tasks.id, task_id),
    eq(tasks.lease_id, lease_id),
    eq(tasks.epoch, epoch),
    sql`${tasks.lease_expires_at} > now()`,
  );
}

/** Keeps the task as it is until the transaction ends: a completion at the same moment is before or after, never between. */
export async function holdsLease(tx: Db, lease: LeaseRef & { task_id: string }): Promise<boolean> {
  const rows = await tx.orm.select({ id: tasks.id }).from(tasks).where(leaseLives(lease)).for("share");
  return rows.length === 1;
}

/** Null when the lease is not the current one: nothing was written then. */
export async function insertArtifact(tx: Db, artifact: NewArtifact): Promise<ArtifactRow | null> {
  const { id, lease_id, name, media_type, checksum, size_bytes, created_by } = artifact;
  const held = tx.orm
    .select({
      id: sql<string>`${id}::uuid`.as("id"),
      workspace_id: tasks.workspace_id,
      task_id: sql<string>`${tasks.id}`.as("task_id"),
      lease_id: sql<string>`${lease_id}::uuid`.as("lease_id"),
      stage: sql<Stage>`${tasks.stage}`.as("stage"),
      visit: tasks.visit,
      epoch: tasks.epoch,
      name: sql<string>`${name}::text`.as("name"),
      media_type: sql<string>`${media_type}::text`.as("media_type"),
      checksum: sql<string>`${checksum}::text`.as("checksum"),
      size_bytes: sql<number>`${size_bytes}::bigint`.as("size_bytes"),
      created_by: sql<string>`${created_by}::text`.as("created_by"),
      created_at: sql<Date>`now()`.as("created_at"),
    })
    .from(tasks)
    .where(leaseLives(artifact))
    .for("share");
  const [row] = await tx.orm.insert(artifacts).select(held).returning();
  return row ?? null;
}
