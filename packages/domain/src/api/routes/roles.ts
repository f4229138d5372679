/** Calls on roles. */
import { RoleDefinition } from "../../agent-roles.ts";
import * as roles from "../roles.ts";
import { get, put } from "../route.ts";
import { ADMINS, MAKERS, ONCE } from "./shared.ts";

const role = { ...MAKERS, tag: "roles" } as const;
const one = { ...role, params: roles.RoleParams } as const;

export const roleRoutes = {
  listRoles: get("/api/roles", {
    ...role,
    summary: "Look at what the agents of each role are told",
    answers: { 200: roles.RoleList },
  }),
  getRole: get("/api/roles/:role", {
    ...one,
    summary: "Look at a role: the newest version, or the one that is asked for",
    query: roles.GetRole,
    answers: { 200: roles.RoleAnswer },
    refusals: ["not_found"],
  }),
  putRole: put("/api/roles/:role", {
    ...one,
    ...ADMINS,
    ...ONCE,
    summary: "Say what the agents of a role are told: a new version, which holds for leases given from now on",
    body: RoleDefinition,
    answers: { 201: roles.RoleAnswer },
  }),
  roleVersions: get("/api/roles/:role/versions", {
    ...one,
    summary: "Compare the versions of a role: how often they passed, how long they took, what they cost",
    answers: { 200: roles.RoleVersionList },
  }),
};
