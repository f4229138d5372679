/** Roles as rows: a new version for each change, the newest in force. What they say is the domain's; what came of each version is `reads/role-versions.ts`. */
import { AGENT_ROLES, type AgentRole, RoleDefinition, type RoleInForce, SHIPPED_ROLES } from "@baton/domain";
import type { Db } from "./client.ts";
import { and, desc, eq, sql } from "./drizzle.ts";
import { newId } from "./ids.ts";
import { role_configs, workspaces } from "./schema/index.ts";

export interface RoleRow extends Omit<typeof role_configs.$inferSelect, "role" | "definition"> {
  role: AgentRole;
  definition: RoleDefinition;
}

/** How a statement gives the role of a lease: all null in a workspace that has not asked for its roles yet. A type, so that it counts as part of a row. */
export type RoleColumns = { role_version: number | null; role_definition: unknown };

export function roleInForce(role: AgentRole, { role_version, role_definition }: RoleColumns): RoleInForce | null {
  if (role_version === null) return null;
  return { role, version: role_version, definition: RoleDefinition.parse(role_definition) };
}

const SHIPPED_BY = "baton";

/** Version 1 of each role, as it ships, where there is none yet. Two at the same moment write them once. */
export async function seedRoles(db: Db, workspace_id: string): Promise<void> {
  const rows = AGENT_ROLES.map((role) => ({
    ...{ id: newId(), workspace_id, role, version: 1, created_by: SHIPPED_BY },
    definition: SHIPPED_ROLES[role],
  }));
  await db.orm.insert(role_configs).values(rows).onConflictDoNothing();
}

/** The newest version of each role, in the order of the roles. Nothing before the workspace is seeded. */
export async function newestRoles(db: Db, workspace_id: string): Promise<RoleRow[]> {
  const rows = await db.orm
    .selectDistinctOn([role_configs.role])
    .from(role_configs)
    .where(eq(role_configs.workspace_id, workspace_id))
    .orderBy(role_configs.role, sql`${role_configs.version} desc`);
  return AGENT_ROLES.flatMap((role) => rows.filter((row) => row.role === role)).map(roleRow);
}

/** A version of a role, the newest when none is named. */
export async function findRole(
  db: Db,
  workspace_id: string,
  role: AgentRole,
  version?: number,
): Promise<RoleRow | null> {
  const [row] = await db.orm
    .select()
    .from(role_configs)
    .where(
      and(
        eq(role_configs.workspace_id, workspace_id),
        eq(role_configs.role, role),
        version === undefined ? undefined : eq(role_configs.version, version),
      ),
    )
    .orderBy(desc(role_configs.version))
    .limit(1);
  return row === undefined ? null : roleRow(row);
}

/**
 * The workspace's roles are changed one after the other, and not while somebody asks which stages they serve; until the
 * transaction ends.
 */
export async function lockRoles(tx: Db, workspace_id: string, to: "look" | "change"): Promise<void> {
  await tx.orm
    .select({ id: workspaces.id })
    .from(workspaces)
    .where(eq(workspaces.id, workspace_id))
    .for(to === "look" ? "share" : "no key update");
}

/** A new version. The roles must be locked. */
export async function addRole(
  tx: Db,
  {
    workspace_id,
    role,
    ...given
  }: { workspace_id: string; role: AgentRole; definition: RoleDefinition; created_by: string },
): Promise<RoleRow> {
  const newest = await findRole(tx, workspace_id, role);
  const version = (newest?.version ?? 0) + 1;
  const values = { id: newId(), workspace_id, role, version, ...given };
  const [row] = await tx.orm.insert(role_configs).values(values).returning();
  if (row === undefined) throw new Error("the role was not written");
  return roleRow(row);
}

/** It was checked when it was saved; defaults that came later are filled in. */
function roleRow(row: typeof role_configs.$inferSelect): RoleRow {
  return { ...row, role: row.role as AgentRole, definition: RoleDefinition.parse(row.definition) };
}
