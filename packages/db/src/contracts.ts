/** Contracts as rows: a new version for each change, the newest of an edge in force. What they say is the domain's. */
import { Contract, type ContractInForce, type Place, PRODUCT_CONTRACT, type Stage } from "@baton/domain";
import type { Db } from "./client.ts";
import { and, desc, eq, sql } from "./drizzle.ts";
import { newId } from "./ids.ts";
import { contracts, projects } from "./schema/index.ts";

export interface ContractRow extends Omit<typeof contracts.$inferSelect, "definition"> {
  definition: Contract;
}

export interface NewContract {
  workspace_id: string;
  project_id: string;
  from_stage: Stage;
  to_stage: Place;
  definition: Contract;
  created_by: string;
}

/** What a stored definition says. It was checked when it was saved; defaults that came later are filled in. */
export function storedContract(definition: unknown): Contract {
  return Contract.parse(definition);
}

/** How a statement gives the contract of a lease: all null for the one that ships with the product. A type, not an interface, so that it counts as part of a row. */
export type ContractColumns = {
  contract_id: string | null;
  contract_version: number | null;
  contract_definition: unknown;
};

export function contractInForce({
  contract_id: id,
  contract_version,
  contract_definition,
}: ContractColumns): ContractInForce {
  if (id === null || contract_version === null) return PRODUCT_CONTRACT;
  return { id, version: contract_version, definition: storedContract(contract_definition) };
}

/** Null when the workspace has no such project. Its row is locked: two at the same moment get two versions. */
export async function addContract(db: Db, contract: NewContract): Promise<ContractRow | null> {
  const { workspace_id, project_id, from_stage } = contract;
  return db.transaction(async (tx) => {
    const [project] = await tx.orm
      .select({ id: projects.id })
      .from(projects)
      .where(and(eq(projects.workspace_id, workspace_id), eq(projects.id, project_id)))
      .for("update");
    if (project === undefined) return null;
    const [newest] = await tx.orm
      .select({ version: contracts.version })
      .from(contracts)
      .where(and(eq(contracts.project_id, project_id), eq(contracts.from_stage, from_stage)))
      .orderBy(desc(contracts.version))
      .limit(1);
    const version = (newest?.version ?? 0) + 1;
    const [row] = await tx.orm
      .insert(contracts)
      .values({ ...contract, id: newId(), version })
      .returning();
    if (row === undefined) throw new Error("the contract was not written");
    return contractRow(row);
  });
}

/** The newest of each edge that has one of its own. */
export async function newestContracts(db: Db, workspace_id: string, project_id: string): Promise<ContractRow[]> {
  const rows = await db.orm
    .selectDistinctOn([contracts.from_stage])
    .from(contracts)
    .where(and(eq(contracts.workspace_id, workspace_id), eq(contracts.project_id, project_id)))
    .orderBy(contracts.from_stage, sql`${contracts.version} desc`);
  return rows.map(contractRow);
}

function contractRow(row: typeof contracts.$inferSelect): ContractRow {
  return { ...row, definition: storedContract(row.definition) };
}
