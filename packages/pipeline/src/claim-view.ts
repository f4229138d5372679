/** What an agent gets with its lease: the task, what is known of it, and its prompt. The same lease asked for again gets the same prompt, as far as nothing was added meanwhile. */
import { wholeTask } from "@baton/db";
import { type ContractInForce, nextPlace, type RoleInForce, type Stage } from "@baton/domain";
import type { ClaimedLease, RoleBrief } from "@baton/domain/api";
import type { Line } from "./line.ts";
import type { Principal } from "./principal.ts";
import { notePrompt, taskPrompt } from "./prompts.ts";
import type { Pulled } from "./pull.ts";
import { roleOf } from "./role-in-force.ts";
import { leaseView, taskView } from "./views.ts";

export async function claimView(line: Line, who: Principal, pulled: Pulled): Promise<ClaimedLease> {
  const { row, lease, context } = pulled;
  const role = await roleOf(line, row.workspace_id, lease.stage, context);
  const prompt = taskPrompt({ row, lease_id: lease.id, stage: lease.stage, context, role });
  const given = { lease_id: lease.id, epoch: lease.epoch };
  const [whole] = await Promise.all([
    wholeTask(line.db, who.workspace_id, row.id),
    notePrompt(line, given, role, prompt),
  ]);
  if (whole === null) throw new Error("a leased task is gone");
  const { spec, project, run, findings, proofs, draft, contract } = context;
  const newest = context.packets.find((packet) => packet.id === row.packet_id);
  const { id, name, repository_url, primary_branch } = project;
  return {
    lease: leaseView({ ...lease, task_id: row.id }),
    task: taskView(whole),
    packet: newest ? { ...newest, findings } : null,
    context: {
      project: { id, name, repository_url, primary_branch },
      run,
      acceptance_criteria: spec.acceptance_criteria,
      findings,
      proofs,
      draft,
      contract: contractOf(lease.stage, contract),
      role: roleBrief(role),
    },
    prompt,
  };
}

export function roleBrief({ role, version, definition: { model, limits } }: RoleInForce): RoleBrief {
  return { role, version, model: model ?? null, limits };
}

function contractOf(from: Stage, { version, definition }: ContractInForce) {
  return { from, to: nextPlace(from), version, definition };
}
