/** Reading what a handoff is made of, in one look: the contract of the lease and the artifacts of the attempt. And which attempts have had all the time their contract gives them. */
import { type Contract, type ContractInForce, STAGES, type Stage } from "@baton/domain";
import type { Db } from "../client.ts";
import { type ContractColumns, contractInForce, storedContract } from "../contracts.ts";
import { and, asc, eq, sql } from "../drizzle.ts";
import type { TaskRow } from "../rows.ts";
import { attempts, contracts, tasks } from "../schema/index.ts";
import { statement } from "../statements.ts";

/** An artifact of the attempt, the newest of its name. */
export interface HandoffArtifact {
  id: string;
  name: string;
  media_type: string;
  checksum: string;
  size_bytes: number;
}

export interface HandoffParts {
  stage: Stage;
  /** With which the lease was claimed; null for a hosted worker. */
  token_id: string | null;
  contract: ContractInForce;
  /** Null where the project has none of its own for the next stage. */
  next_contract: Contract | null;
  artifacts: HandoffArtifact[];
}

type HandoffRow = ContractColumns &
  Pick<HandoffParts, "stage" | "token_id" | "artifacts"> & { next_definition: unknown };

const HANDOFF = statement("handoff");

/** Null when there is no such lease, or when it has ended. */
export async function handoffParts(db: Db, workspace_id: string, lease_id: string): Promise<HandoffParts | null> {
  const [row] = await db.run<HandoffRow>(HANDOFF, [lease_id, workspace_id, STAGES]);
  if (row === undefined) return null;
  const { stage, token_id, artifacts } = row;
  const next_contract = row.next_definition === null ? null : storedContract(row.next_definition);
  return { stage, token_id, contract: contractInForce(row), next_contract, artifacts };
}

export interface OverdueHandoff {
  task: TaskRow;
  version: number;
  definition: Contract;
  /** The database's clock. */
  now: Date;
}

/** Running attempts that have not kept their contract in the time it gives them, unless it waits for nothing. */
export async function overdueHandoffs(db: Db, limit: number): Promise<OverdueHandoff[]> {
  const { definition } = contracts;
  const minutes = sql`(${definition} ->> 'timeout_minutes')::float8`;
  const rows = await db.orm
    .select({
      ...{ task: tasks, version: contracts.version, definition },
      now: sql`now()`.mapWith(tasks.created_at),
    })
    .from(attempts)
    .innerJoin(contracts, eq(contracts.id, attempts.contract_id))
    .innerJoin(tasks, and(eq(tasks.id, attempts.task_id), eq(tasks.lease_id, attempts.id)))
    .where(
      and(
        sql`${attempts.ended_at} is null and ${tasks.lease_expires_at} > now()`,
        sql`${definition} ->> 'if_missing' <> 'warn' and ${definition} ? 'timeout_minutes'`,
        sql`${attempts.started_at} + ${minutes} * interval '1 minute' <= now()`,
      ),
    )
    .orderBy(asc(attempts.started_at))
    .limit(limit);
  return rows.map((row) => ({ ...row, definition: storedContract(row.definition) }));
}
