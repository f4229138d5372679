/** Reading proofs: one of a task, a page of a task's or a project's, and what the lines for agents are made of. */
import type { ContextProof, ProofKind, Stage } from "@baton/domain";
import type { Db } from "../client.ts";
import { and, desc, eq, lt, sql } from "../drizzle.ts";
import type { Page } from "../projects.ts";
import type { ProofRow } from "../proofs.ts";
import { attempts, proofs } from "../schema/index.ts";

/** A proof with the visit of the attempt that left it. */
export interface FoundProof {
  proof: ProofRow;
  visit: number | null;
}

export interface ProofFilter {
  /** One of the two. */
  of: { task_id: string } | { project_id: string };
  kind?: ProofKind | undefined;
  stage?: Stage | undefined;
}

function matching({ of, kind, stage }: ProofFilter) {
  return and(
    "task_id" in of ? eq(proofs.task_id, of.task_id) : eq(proofs.project_id, of.project_id),
    kind === undefined ? undefined : eq(proofs.kind, kind),
    stage === undefined ? undefined : eq(proofs.stage, stage),
  );
}

function found(db: Db) {
  return db.orm
    .select({ proof: proofs, visit: attempts.visit })
    .from(proofs)
    .leftJoin(attempts, eq(attempts.id, proofs.lease_id));
}

export async function findProof(db: Db, task_id: string, id: string): Promise<FoundProof | null> {
  const [row] = await found(db).where(and(eq(proofs.id, id), eq(proofs.task_id, task_id)));
  return row ?? null;
}

export async function pageOfProofs(db: Db, page: Page, filter: ProofFilter): Promise<FoundProof[]> {
  return found(db)
    .where(and(matching(filter), page.before === null ? undefined : lt(proofs.id, page.before)))
    .orderBy(desc(proofs.id))
    .limit(page.limit);
}

/** The newest of those that are told to agents, as in `sql/known.sql`: the line's own once their attempt was accepted. */
export async function contextProofs(db: Db, limit: number, filter: ProofFilter): Promise<ContextProof[]> {
  const { id, kind, stage, summary, name, size_bytes, task_id } = proofs;
  const rows = await db.orm
    .select({ id, kind, stage, visit: attempts.visit, summary, name, size_bytes, task_id })
    .from(proofs)
    .leftJoin(attempts, eq(attempts.id, proofs.lease_id))
    .where(and(matching(filter), sql`(${proofs.source} <> 'line' or ${attempts.outcome} in ('pass', 'reject'))`))
    .orderBy(desc(proofs.id))
    .limit(limit);
  return rows.map(({ task_id: of_task, ...row }) => ("task_id" in filter.of ? row : { ...row, task_id: of_task }));
}
