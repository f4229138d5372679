/** Roles on the wire: what the agents of each are told, in versions, and what came of each version. */
import { z } from "zod";
import { AGENT_ROLES, RoleDefinition, RoleLimits } from "../agent-roles.ts";
import { listOf, Time } from "./fields.ts";

const RoleName = z.enum(AGENT_ROLES);

/** The `:role` of a path. */
export const RoleParams = z.strictObject({ role: RoleName });

/** Arrives as text in a query; a typed client may give a number. */
const Version = z
  .union(
    [
      z.int(),
      z
        .string()
        .regex(/^\d{1,9}$/)
        .transform(Number),
    ],
    "must be a whole number",
  )
  .pipe(z.int().min(1).max(999_999_999))
  .meta({ override: ({ jsonSchema }: { jsonSchema: object }) => asWholeNumber(jsonSchema) });

function asWholeNumber(jsonSchema: { anyOf?: unknown }): void {
  delete jsonSchema.anyOf;
  Object.assign(jsonSchema, { type: "integer", minimum: 1 });
}

/** Without a version: the newest, which is in force. */
export const GetRole = z.strictObject({ version: Version.optional() });
export type GetRole = z.infer<typeof GetRole>;

export const RoleView = z
  .object({ role: RoleName, version: z.int(), definition: RoleDefinition, created_by: z.string(), created_at: Time })
  .meta({ id: "Role" });
export type RoleView = z.infer<typeof RoleView>;

export const RoleAnswer = z.object({ role: RoleView });
export type RoleAnswer = z.infer<typeof RoleAnswer>;

/** All seven in force. */
export const RoleList = listOf(RoleView);
export type RoleList = z.infer<typeof RoleList>;

const count = z.int();

/** What came of the attempts that were given a version, of the newest 100,000 of the role's stage. */
export const RoleVersionView = z
  .object({
    version: z.int(),
    created_by: z.string(),
    created_at: Time,
    /** Attempts that have ended. */
    attempts: count,
    passed: count,
    rejected: count,
    /** Ended without a verdict by a failure or a crash. */
    failed: count,
    /** Passed of those that passed, rejected or failed, 0 to 1; null where there is none. */
    pass_rate: z.number().nullable(),
    /** Verdicts in a visit that went back to dev afterwards, or by this very verdict. */
    loop_backs: count,
    median_ms: count.nullable(),
    total_ms: count,
    tokens_in: count,
    tokens_out: count,
    cost_usd: z.string(),
  })
  .meta({ id: "RoleVersion" });
export type RoleVersionView = z.infer<typeof RoleVersionView>;

/** Newest first, at most 200. */
export const RoleVersionList = listOf(RoleVersionView);
export type RoleVersionList = z.infer<typeof RoleVersionList>;

/** What a lease says of the role it is given. */
export const RoleBrief = z.object({
  role: RoleName,
  version: z.int(),
  /** For whoever picks one. */
  model: z.string().nullable(),
  /** To keep within; nobody is stopped by them but a hosted worker's command by its time. */
  limits: RoleLimits,
});
export type RoleBrief = z.infer<typeof RoleBrief>;
