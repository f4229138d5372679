/** The roles that agents play, and what a role is made of: its prompt, its model, its command, its limits. The shipped ones are in `shipped-roles.ts`; versions are kept by others. */
import { z } from "zod";
import type { Stage } from "./stages.ts";
import { money, text } from "./text.ts";

export const AGENT_ROLES = ["director", "pm", "dev", "qa", "security", "docs", "cicd"] as const;
export type AgentRole = (typeof AGENT_ROLES)[number];

/** Who works a stage. */
export const ROLE_OF: Record<Stage, AgentRole> = { dev: "dev", qa: "qa", sec: "security", docs: "docs" };

export const TEMPLATE_MAX = 20_000;

/** What the role's agents are told; nobody is stopped by a number of tokens or dollars but by the budget of a run. */
export const RoleLimits = z.strictObject({
  /** Of the stage's command, where the project gives it more. */
  timeout_s: z.int().min(1).max(86_400).optional(),
  max_tokens: z.int().min(1).max(1_000_000_000_000).optional(),
  max_cost_usd: money.optional(),
});

export const RoleDefinition = z
  .strictObject({
    /** The prompt, with `{{variables}}`. */
    template: text(TEMPLATE_MAX),
    /** For whoever picks one: a name that the agent's program understands. */
    model: text(200).optional(),
    /** `none`: hosted workers leave the command alone. */
    executor: z.enum(["command", "none"]).optional(),
    /** Run by hosted workers in projects that have no command of their own for the role's stage. */
    command: text(4_000).optional(),
    limits: RoleLimits.prefault({}),
  })
  .refine(({ executor, command }) => executor !== "command" || command !== undefined, {
    path: ["command"],
    message: "is needed where the executor is command",
  })
  .meta({ id: "RoleDefinition" });
export type RoleDefinition = z.infer<typeof RoleDefinition>;

/** The command that hosted workers run for the role; null when they run none. */
export function roleCommand({ executor, command }: Pick<RoleDefinition, "executor" | "command">): string | null {
  return executor === "none" ? null : (command ?? null);
}

/** A version of a role, as it holds for an attempt. */
export interface RoleInForce {
  role: AgentRole;
  version: number;
  definition: RoleDefinition;
}
