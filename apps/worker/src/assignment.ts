/** A claimed task as the stage's work needs it: with the command of its project or of its role, and, where there is one, with the prompt. */
import { type Assignment as AgentAssignment, buildPrompt } from "@baton/agents";
import { type RoleInForce, roleCommand, type StageCommand } from "@baton/domain";
import { type Assignment, notePrompt, type OpenLine, roleOf, taskPrompt, tellable } from "@baton/pipeline";
import type { Logger } from "pino";
import { PLANS } from "./stages/index.ts";

/** How long a role's command may take when neither its limits nor the project say. */
const TIMEOUT_S = 1_800;

export function toAgent({ held, stage, context }: Assignment): AgentAssignment {
  const { spec, project, packets, findings } = context;
  const { row, lease } = held;
  if (project.repository_url === null) throw new Error("a hosted stage without a repository");
  return {
    lease: { id: lease.lease_id, epoch: lease.epoch, task_id: row.id, stage, visit: row.visit, attempt: row.attempt },
    run_id: row.run_id,
    plan: PLANS[stage],
    task: { title: spec.title, description: spec.description, acceptance_criteria: spec.acceptance_criteria },
    project: {
      id: project.id,
      repository_url: project.repository_url,
      primary_branch: project.primary_branch,
      settings: project.settings,
    },
    packet: packets.find((packet) => packet.id === row.packet_id) ?? null,
    findings: findings.filter((finding) => finding.status === "open"),
    history: packets,
  };
}

/** The same with its prompt, which is noted. A stage without a command is told nothing, and nothing is asked for it. */
export async function briefed(line: OpenLine, assignment: Assignment, log: Logger): Promise<AgentAssignment> {
  const agent = toAgent(assignment);
  const { held, stage, context } = assignment;
  const command = commandOf(agent.project.settings.commands[stage], context.role);
  if (command === null) return agent;
  const role = await roleOf(line, held.row.workspace_id, stage, context);
  const prompt = taskPrompt({ row: held.row, lease_id: held.lease.lease_id, stage, context, role });
  const { settings } = agent.project;
  const told: AgentAssignment = {
    ...agent,
    prompt,
    ...(role.definition.model !== undefined && { model: role.definition.model }),
    project: { ...agent.project, settings: { ...settings, commands: { ...settings.commands, [stage]: command } } },
  };
  // The work is worth more than the note of it.
  await notePrompt(line, held.lease, role, buildPrompt(told)).catch((err: unknown) =>
    log.warn({ ...tellable(err), task_id: held.row.id }, "the prompt could not be noted"),
  );
  return told;
}

/** Whether an agent's program does the work, and not what is built in. */
export function hasAgent({ stage, context }: Assignment): boolean {
  return commandOf(context.project.settings.commands[stage], context.role) !== null;
}

/** The project's own, else the role's; never longer than the role's limit. Null where the stage's work is built in. */
function commandOf(own: StageCommand | undefined, role: RoleInForce | null): StageCommand | null {
  const run = own?.run ?? (role && roleCommand(role.definition));
  if (run === null) return null;
  const longest = role?.definition.limits.timeout_s ?? own?.timeout_s ?? TIMEOUT_S;
  return { run, timeout_s: Math.min(own?.timeout_s ?? longest, longest) };
}
