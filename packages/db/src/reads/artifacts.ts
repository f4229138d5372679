/** Reading artifacts: one by its id, and those of a task with where each went and what it was held against. */
import type { Contract } from "@baton/domain";
import type { ArtifactRow } from "../artifacts.ts";
import type { Db } from "../client.ts";
import { storedContract } from "../contracts.ts";
import { alias, and, asc, desc, eq, gt, inArray, notExists, sql } from "../drizzle.ts";
import { artifact_transfers, artifacts, contracts } from "../schema/index.ts";

export type TransferRow = typeof artifact_transfers.$inferSelect;

/** An artifact with its transfers in their order, and the definitions of the contracts that these were made under. */
export interface ListedArtifact {
  artifact: ArtifactRow;
  transfers: TransferRow[];
}

export interface ListedArtifacts {
  items: ListedArtifact[];
  /** By id. */
  contracts: Map<string, Contract>;
}

export async function findArtifact(db: Db, workspace_id: string, id: string): Promise<ArtifactRow | null> {
  const [row] = await db.orm
    .select()
    .from(artifacts)
    .where(and(eq(artifacts.workspace_id, workspace_id), eq(artifacts.id, id)));
  return row ?? null;
}

/** The artifacts of a task that count (the newest of its name in each attempt), oldest first; at most the `limit` newest. */
export async function artifactsOfTask(db: Db, task_id: string, limit: number): Promise<ListedArtifacts> {
  const newer = alias(artifacts, "newer");
  const rows = await db.orm
    .select()
    .from(artifacts)
    .where(
      and(
        eq(artifacts.task_id, task_id),
        notExists(
          db.orm
            .select({ one: sql`1` })
            .from(newer)
            .where(
              and(eq(newer.lease_id, artifacts.lease_id), eq(newer.name, artifacts.name), gt(newer.id, artifacts.id)),
            ),
        ),
      ),
    )
    .orderBy(desc(artifacts.id))
    .limit(limit);
  const transfers = await transfersOf(
    db,
    rows.map(({ id }) => id),
  );
  const by_artifact = Map.groupBy(transfers, ({ artifact_id }) => artifact_id);
  return {
    items: rows.reverse().map((artifact) => ({ artifact, transfers: by_artifact.get(artifact.id) ?? [] })),
    contracts: await definitionsOf(db, transfers),
  };
}

async function transfersOf(db: Db, ids: readonly string[]): Promise<TransferRow[]> {
  if (ids.length === 0) return [];
  return db.orm
    .select()
    .from(artifact_transfers)
    .where(sql`${artifact_transfers.artifact_id} = any (${sql.param([...ids])}::uuid[])`)
    .orderBy(asc(artifact_transfers.transferred_at), asc(artifact_transfers.stage));
}

async function definitionsOf(db: Db, transfers: readonly TransferRow[]): Promise<Map<string, Contract>> {
  const ids = [...new Set(transfers.flatMap(({ contract_id }) => contract_id ?? []))];
  if (ids.length === 0) return new Map();
  const rows = await db.orm
    .select({ id: contracts.id, definition: contracts.definition })
    .from(contracts)
    .where(inArray(contracts.id, ids));
  return new Map(rows.map(({ id, definition }) => [id, storedContract(definition)]));
}
