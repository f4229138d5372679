/** Roles as verbs: look at what their agents are told, say it anew, compare the versions. A template that nobody could fill is refused when it is saved. */
import {
  addRole,
  findRole,
  lockRoles,
  newestRoles,
  type RoleRow,
  type RoleVersionRow,
  roleVersions as readVersions,
  rehostProjects,
  seedRoles,
} from "@baton/db";
import {
  AGENT_ROLES,
  type AgentRole,
  ok,
  type Result,
  ROLE_OF,
  type RoleDefinition,
  refused,
  roleCommand,
  STAGES,
  type Stage,
  templateFaults,
  VOCABULARY,
} from "@baton/domain";
import type { GetRole, RoleAnswer, RoleList, RoleVersionList, RoleVersionView, RoleView } from "@baton/domain/api";
import { inTransaction, type Line } from "./line.ts";
import type { Principal } from "./principal.ts";

interface OfRole {
  role: AgentRole;
}

export async function listRoles(line: Line, who: Principal): Promise<Result<RoleList>> {
  return ok({ items: (await rolesOf(line, who.workspace_id)).map(roleView), next_cursor: null });
}

export async function getRole(
  line: Line,
  who: Principal,
  { role, version }: OfRole & GetRole,
): Promise<Result<RoleAnswer>> {
  await rolesOf(line, who.workspace_id);
  const row = await findRole(line.db, who.workspace_id, role, version);
  return row === null ? refused("not_found", `The role ${role} has no such version.`) : ok({ role: roleView(row) });
}

/** A new version. It holds for leases that are given from now on; two at the same moment are two versions. */
export async function putRole(
  line: Line,
  who: Principal,
  { role, ...definition }: OfRole & RoleDefinition,
): Promise<Result<RoleAnswer>> {
  const faults = templateFaults(definition.template, VOCABULARY[role]);
  if (faults.length > 0) return unfillable(faults);
  const { workspace_id, name: created_by } = who;
  return inTransaction(line, async (tx) => {
    await lockRoles(tx.db, workspace_id, "change");
    await seedRoles(tx.db, workspace_id);
    const row = await addRole(tx.db, { workspace_id, role, definition, created_by });
    await rehostProjects(tx.db, workspace_id, await stagesWithCommand(tx, workspace_id));
    return ok({ role: roleView(row) });
  });
}

function unfillable([first = "", ...others]: string[]) {
  const more = others.length > 0 ? ` There are ${others.length + 1} faults; see errors.` : "";
  const errors = [first, ...others].slice(0, 100).map((detail) => ({ pointer: "/template", detail }));
  return refused("invalid_request", `/template: ${first}.${more}`, { errors });
}

export async function roleVersions(line: Line, who: Principal, { role }: OfRole): Promise<Result<RoleVersionList>> {
  await rolesOf(line, who.workspace_id);
  const stage = STAGES.find((one) => ROLE_OF[one] === role) ?? null;
  const rows = await readVersions(line.db, who.workspace_id, role, stage);
  return ok({ items: rows.map(versionView), next_cursor: null });
}

/** The stages whose role brings a command of its own: hosted workers serve them wherever there is a repository. */
export async function stagesWithCommand(line: Line, workspace_id: string): Promise<Stage[]> {
  const rows = await newestRoles(line.db, workspace_id);
  return STAGES.filter((stage) =>
    rows.some(({ role, definition }) => role === ROLE_OF[stage] && roleCommand(definition)),
  );
}

async function rolesOf(line: Line, workspace_id: string): Promise<RoleRow[]> {
  const rows = await newestRoles(line.db, workspace_id);
  if (rows.length === AGENT_ROLES.length) return rows;
  await seedRoles(line.db, workspace_id);
  return newestRoles(line.db, workspace_id);
}

function roleView({ role, version, definition, created_by, created_at }: RoleRow): RoleView {
  return { role, version, definition, created_by, created_at: created_at.toISOString() };
}

function versionView({ created_at, ...row }: RoleVersionRow): RoleVersionView {
  const ended = row.passed + row.rejected + row.failed;
  return { ...row, created_at: created_at.toISOString(), pass_rate: ended === 0 ? null : row.passed / ended };
}
