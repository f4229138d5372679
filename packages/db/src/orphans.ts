/** Contents that nobody refers to: which they are, and how a collector takes one away without ever meeting somebody who wants it again. */

import type { Db } from "./client.ts";
import { and, asc, eq, gt, notExists, sql } from "./drizzle.ts";
import { artifacts, blobs, proofs } from "./schema/index.ts";

function orphaned(db: Db, age_ms: number) {
  const one = { one: sql`1` };
  return and(
    sql`${blobs.used_at} < now() - ${age_ms} * interval '1 ms'`,
    notExists(db.orm.select(one).from(artifacts).where(eq(artifacts.checksum, blobs.checksum))),
    notExists(db.orm.select(one).from(proofs).where(eq(proofs.checksum, blobs.checksum))),
  );
}

/** Checksums not used for `age_ms` by the database's clock, that no artifact and no proof refers to, in order after `after`. */
export async function orphanedBlobs(db: Db, age_ms: number, after: string, limit: number): Promise<string[]> {
  const rows = await db.orm
    .select({ checksum: blobs.checksum })
    .from(blobs)
    .where(and(gt(blobs.checksum, after), orphaned(db, age_ms)))
    .orderBy(asc(blobs.checksum))
    .limit(limit);
  return rows.map(({ checksum }) => checksum);
}

/** False when somebody refers to it or has used it by now. The row stays locked until the transaction ends. */
export async function deleteOrphan(tx: Db, checksum: string, age_ms: number): Promise<boolean> {
  const rows = await tx.orm
    .delete(blobs)
    .where(and(eq(blobs.checksum, checksum), orphaned(tx, age_ms)))
    .returning({ checksum: blobs.checksum });
  return rows.length === 1;
}

/** Takes the place of a row that is not there, so that nobody else can make it before the transaction ends. False when there is one. */
export async function standInForBlob(tx: Db, checksum: string): Promise<boolean> {
  const rows = await tx.orm
    .insert(blobs)
    .values({ checksum, size_bytes: 0 })
    .onConflictDoNothing()
    .returning({ checksum: blobs.checksum });
  return rows.length === 1;
}

/** Which of these have a row. */
export async function knownBlobs(db: Db, checksums: readonly string[]): Promise<Set<string>> {
  const rows = await db.orm
    .select({ checksum: blobs.checksum })
    .from(blobs)
    .where(sql`${blobs.checksum} = any (${sql.param([...checksums])}::text[])`);
  return new Set(rows.map(({ checksum }) => checksum));
}
