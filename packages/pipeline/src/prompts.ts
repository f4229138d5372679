/** Prompts of leases: put together from the role's template and the context of the task, and noted with their SHA-256. */
import { createHash } from "node:crypto";
import { recordPrompt, type TaskContext, type TaskRow } from "@baton/db";
import { type LeaseRef, type PromptProject, promptFor, type RoleInForce, type Stage } from "@baton/domain";
import type { Line } from "./line.ts";

interface Asked {
  row: Pick<TaskRow, "packet_id" | "visit">;
  lease_id: string;
  stage: Stage;
  context: TaskContext;
  role: RoleInForce;
}

/** The same for as long as the lease lives, unless something was added to its context. */
export function taskPrompt({ row, lease_id, stage, context, role }: Asked): string {
  const { spec, packets, findings, draft, proofs, contract } = context;
  const input = {
    ...{ stage, visit: row.visit, task: spec, project: promptProject(context.project), draft, proofs, contract },
    packet: packets.find((packet) => packet.id === row.packet_id) ?? null,
    findings: findings.filter((finding) => finding.status === "open"),
  };
  return promptFor(role.definition.template, input, boundaryOf(lease_id));
}

export function promptProject({
  name,
  repository_url,
  primary_branch,
  settings,
}: TaskContext["project"]): PromptProject {
  return { name, repository_url, primary_branch, rules: settings.rules };
}

/**
 * What marks the texts of others. Nobody who wrote one before the lease was given could know its id, which is random for
 * the most part; a text that holds the boundary all the same loses it.
 */
export function boundaryOf(id: string): string {
  return sha256(`boundary ${id}`).slice(0, 24);
}

/** Of a lease that is lost meanwhile nothing is noted. */
export async function notePrompt(line: Line, lease: LeaseRef, role: RoleInForce, prompt: string): Promise<void> {
  const { role: name, version } = role;
  await recordPrompt(line.db, { ...lease, role: name, role_version: version, sha256: sha256(prompt) });
}

export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
