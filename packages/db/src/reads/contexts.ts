/** Reading what an agent has to know of a task that it has claimed, of many tasks at once. */
import {
  CONTEXT_BUDGET,
  type ContextProof,
  type Contract,
  type ContractInForce,
  contextLines,
  type Finding,
  isStage,
  type KeptDraft,
  type Packet,
  ROLE_OF,
  type RoleInForce,
  STAGES,
} from "@baton/domain";
import type { Db } from "../client.ts";
import { type ContractColumns, contractInForce, storedContract } from "../contracts.ts";
import type { ProjectRow } from "../projects.ts";
import { type RoleColumns, roleInForce } from "../roles.ts";
import { statement } from "../statements.ts";
import type { SpecRow } from "./tasks.ts";

export interface TaskContext {
  task_id: string;
  spec: Pick<SpecRow, "title" | "description" | "acceptance_criteria">;
  run: { id: string; name: string };
  project: Pick<ProjectRow, "id" | "name" | "repository_url" | "primary_branch" | "settings" | "hosted">;
  /** The newest packet of each stage, the newest of all first. */
  packets: Packet[];
  /** Findings of the newest packet. */
  findings: Finding[];
  /** The newest proofs, one line each. */
  proofs: string[];
  /** What the newest attempt of this stage and visit had to say that ended without a verdict. */
  draft: KeptDraft | null;
  /** The role whose prompt the lease is given; null in a workspace that has not asked for its roles yet. */
  role: RoleInForce | null;
  /** What the handoff of the lease has to keep. */
  contract: ContractInForce;
  /** The next stage's own, as it stands now; null where the project has none of its own. */
  next_contract: Contract | null;
}

/** How a statement tells it, see `known.sql`. */
export type ContextRow = TaskContext["spec"] &
  ContractColumns &
  RoleColumns &
  Pick<ProjectRow, "repository_url" | "primary_branch" | "settings" | "hosted"> & {
    task_id: string;
    known_stage: string;
    run_id: string;
    run_name: string;
    project_id: string;
    project_name: string;
    packets: Packet[];
    findings: Finding[];
    proofs: ContextProof[];
    draft: KeptDraft | null;
    next_definition: unknown;
  };

const CONTEXTS = statement("contexts", "known");

/** The stages in their order and their roles, as the statements ask for them. */
export const STAGES_AND_ROLES = [STAGES, STAGES.map((stage) => ROLE_OF[stage])];

/** The contexts of many tasks, by task id. */
export async function contextsOf(db: Db, task_ids: readonly string[]): Promise<Map<string, TaskContext>> {
  const rows = await db.run<ContextRow>(CONTEXTS, [task_ids, ...STAGES_AND_ROLES]);
  return new Map(rows.map((row) => [row.task_id, contextOf(row)]));
}

export function contextOf(row: ContextRow): TaskContext {
  const { task_id, title, description, acceptance_criteria, repository_url, primary_branch, settings, hosted } = row;
  return {
    task_id,
    spec: { title, description, acceptance_criteria },
    run: { id: row.run_id, name: row.run_name },
    project: { id: row.project_id, name: row.project_name, repository_url, primary_branch, settings, hosted },
    packets: row.packets.map(withWireTimes),
    findings: row.findings,
    proofs: contextLines(row.proofs, CONTEXT_BUDGET),
    draft: row.draft && { ...row.draft, saved_at: new Date(row.draft.saved_at).toISOString() },
    role: isStage(row.known_stage) ? roleInForce(ROLE_OF[row.known_stage], row) : null,
    contract: contractInForce(row),
    next_contract: row.next_definition === null ? null : storedContract(row.next_definition),
  };
}

/** JSON from the database writes times with an offset and as few digits as they need; on the wire they are of one form. */
function withWireTimes(packet: Packet): Packet {
  const wire = (time: string) => new Date(time).toISOString();
  return {
    ...packet,
    started_at: packet.started_at && wire(packet.started_at),
    completed_at: packet.completed_at && wire(packet.completed_at),
    created_at: wire(packet.created_at),
    updated_at: wire(packet.updated_at),
  };
}
