/** Reading what came of each version of a role. */
import type { AgentRole, Stage } from "@baton/domain";
import type { Db } from "../client.ts";
import { statement } from "../statements.ts";

/** A type, not an interface, so that it counts as a row of a statement. */
export type RoleVersionRow = {
  version: number;
  created_by: string;
  created_at: Date;
  /** That have ended. */
  attempts: number;
  passed: number;
  rejected: number;
  failed: number;
  loop_backs: number;
  median_ms: number | null;
  total_ms: number;
  tokens_in: number;
  tokens_out: number;
  cost_usd: string;
};

const ROLE_VERSIONS = statement("role-versions");

/** Newest first, at most 200, of the newest 100,000 attempts of the role's stage. */
export async function roleVersions(
  db: Db,
  workspace_id: string,
  role: AgentRole,
  stage: Stage | null,
): Promise<RoleVersionRow[]> {
  return db.run<RoleVersionRow>(ROLE_VERSIONS, [workspace_id, role, stage]);
}
