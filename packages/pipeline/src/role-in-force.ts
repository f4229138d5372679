/** Which version of a role holds for a lease. A workspace that has not asked for its roles yet is given them here. */
import { findRole, seedRoles, type TaskContext } from "@baton/db";
import { type AgentRole, ROLE_OF, type RoleInForce, type Stage } from "@baton/domain";
import type { Line } from "./line.ts";

/** It came with the context of the task, but for the first lease of a workspace. */
export async function roleOf(
  line: Line,
  workspace_id: string,
  stage: Stage,
  { role }: Pick<TaskContext, "role">,
): Promise<RoleInForce> {
  return role ?? newestRole(line, workspace_id, ROLE_OF[stage]);
}

/** The version that is named, else the newest. */
export async function newestRole(
  line: Line,
  workspace_id: string,
  role: AgentRole,
  version?: number,
): Promise<RoleInForce> {
  const found = await findRole(line.db, workspace_id, role, version);
  if (found !== null) return found;
  await seedRoles(line.db, workspace_id);
  const seeded = await findRole(line.db, workspace_id, role, version);
  if (seeded === null) throw new Error(`the workspace has no role ${role}`);
  return seeded;
}
