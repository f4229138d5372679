/** Proofs: rows that are only ever added. Those of a lease holder are guarded by the lease in the statement that writes them; the bytes are in packages/store. */
import type { LeaseRef, Stage } from "@baton/domain";
import { leaseLives } from "./artifacts.ts";
import type { Db } from "./client.ts";
import { and, eq, sql } from "./drizzle.ts";
import { proofs, tasks } from "./schema/index.ts";

export type ProofRow = typeof proofs.$inferSelect;

export interface NewProof
  extends Pick<
    ProofRow,
    | ("id" | "workspace_id" | "task_id" | "kind" | "name" | "summary" | "media_type" | "checksum" | "size_bytes")
    | ("created_by" | "source" | "origin")
  > {
  /** Of a lease holder: the stage is the lease's. */
  lease: LeaseRef | null;
  /** Of anybody else. */
  stage: Stage | null;
}

/** Proofs of one task are added one after the other. Ends with the transaction. */
export async function lockProofsOf(tx: Db, task_id: string): Promise<void> {
  await tx.orm.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`proofs ${task_id}`}, 0))`);
}

export async function countProofs(db: Db, task_id: string): Promise<number> {
  return db.orm.$count(proofs, eq(proofs.task_id, task_id));
}

/** The one of this attempt that has this kind and name. */
export async function proofOfLease(
  db: Db,
  { task_id, lease_id, kind, name }: Pick<ProofRow, "task_id" | "kind" | "name"> & { lease_id: string },
): Promise<ProofRow | null> {
  const same = and(eq(proofs.lease_id, lease_id), eq(proofs.kind, kind), eq(proofs.name, name));
  const [row] = await db.orm
    .select()
    .from(proofs)
    .where(and(eq(proofs.task_id, task_id), same))
    .limit(1);
  return row ?? null;
}

/** The one that the same file became before. */
export async function proofOfOrigin(
  db: Db,
  { task_id, origin, checksum }: Pick<ProofRow, "task_id" | "checksum"> & { origin: string },
): Promise<ProofRow | null> {
  const [row] = await db.orm
    .select()
    .from(proofs)
    .where(and(eq(proofs.task_id, task_id), eq(proofs.origin, origin), eq(proofs.checksum, checksum)));
  return row ?? null;
}

/** Null when the workspace has no such task, or the lease is not its current one: nothing was written then. */
export async function insertProof(tx: Db, proof: NewProof): Promise<ProofRow | null> {
  const { lease, stage, task_id } = proof;
  const [row] = await tx.orm
    .insert(proofs)
    .select(
      tx.orm
        .select({
          id: sql<string>`${proof.id}::uuid`.as("id"),
          workspace_id: tasks.workspace_id,
          project_id: tasks.project_id,
          task_id: sql<string>`${tasks.id}`.as("task_id"),
          run_id: tasks.run_id,
          stage: (lease === null ? sql<Stage | null>`${stage}::text` : sql<Stage | null>`${tasks.stage}`).as(
            "proof_stage",
          ),
          lease_id: sql<string | null>`${lease?.lease_id ?? null}::uuid`.as("proof_lease_id"),
          kind: sql<ProofRow["kind"]>`${proof.kind}::text`.as("kind"),
          name: sql<string>`${proof.name}::text`.as("name"),
          summary: sql<string>`${proof.summary}::text`.as("summary"),
          media_type: sql<string>`${proof.media_type}::text`.as("media_type"),
          checksum: sql<string>`${proof.checksum}::text`.as("checksum"),
          size_bytes: sql<number>`${proof.size_bytes}::bigint`.as("size_bytes"),
          created_by: sql<string>`${proof.created_by}::text`.as("created_by"),
          source: sql<ProofRow["source"]>`${proof.source}::text`.as("source"),
          origin: sql<string | null>`${proof.origin}::text`.as("origin"),
          created_at: sql<Date>`now()`.as("created_at"),
        })
        .from(tasks)
        .where(
          and(
            eq(tasks.workspace_id, proof.workspace_id),
            eq(tasks.id, task_id),
            lease === null ? undefined : leaseLives({ ...lease, task_id }),
          ),
        )
        .for("share"),
    )
    .returning();
  return row ?? null;
}
