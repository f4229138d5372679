/** Leases the goal of a run to a planner. One at a time: everything is decided under the run's lock. */
import {
  type FoundPlan,
  findProject,
  leasePlan,
  lockNewestPlan,
  lockRun,
  notePlanPrompt,
  openPlan,
  type PlanRow,
  planClaimed,
  type RunRow,
} from "@baton/db";
import { ok, planPromptFor, type Result, refused } from "@baton/domain";
import type { LeasedPlan, PlanRun } from "@baton/domain/api";
import { roleBrief } from "./claim-view.ts";
import { inTransaction, type Line } from "./line.ts";
import type { Principal } from "./principal.ts";
import { boundaryOf, promptProject, sha256 } from "./prompts.ts";
import { newestRole } from "./role-in-force.ts";

export interface PlanLeased {
  /** False when a repeated claim_id got its lease again. */
  fresh: boolean;
  value: LeasedPlan;
}

type RunWithGoal = RunRow & { goal: string };

export async function planRun(
  line: Line,
  who: Principal,
  input: PlanRun & { id: string },
): Promise<Result<PlanLeased>> {
  if (who.stages !== null) {
    return refused("forbidden", `The token is limited to ${who.stages.join(", ")}; it may not plan.`);
  }
  return inTransaction(line, async (tx) => {
    const run = await lockRun(tx.db, who.workspace_id, input.id);
    if (run === null) return refused("not_found", "There is no such run.");
    const again = await planClaimed(tx.db, run.id, input.claim_id);
    if (again !== null) return repeated(tx, who, run, again);
    const newest = await lockNewestPlan(tx.db, who.workspace_id, run.id);
    const planned = plannable(run, newest);
    if (!planned.ok) return planned;
    return lease(tx, who, planned.value, newest, input);
  });
}

async function repeated(
  tx: Line,
  who: Principal,
  run: RunRow,
  { plan, alive }: FoundPlan,
): Promise<Result<PlanLeased>> {
  if (alive && plan.token_id === who.token_id) return ok({ fresh: false, value: await leasedView(tx, run, plan) });
  return refused("claim_id_used", "The claim_id belongs to a lease that has ended. Claim again with a new claim_id.");
}

/** The run with its goal, when a planner may be given it. */
function plannable(run: RunRow, newest: FoundPlan | null): Result<RunWithGoal> {
  const { goal, state } = run;
  if (goal === null)
    return refused("transition_not_allowed", "The run has no goal to plan: it was made with its tasks.");
  if (state !== "active") {
    return refused(
      "run_closed",
      `The run is ${state}: it gives out no leases.${state === "paused" ? " Resume it first." : ""}`,
    );
  }
  if (newest?.plan.state === "completed") {
    return refused("transition_not_allowed", "The run has been planned: add tasks to it, or create another run.");
  }
  return newest?.alive ? heldBy(newest.plan) : ok({ ...run, goal });
}

function heldBy({ agent_id, updated_at }: PlanRow) {
  const holder = { agent_id: agent_id ?? "", last_heartbeat_at: updated_at.toISOString(), alive: true };
  return refused("lease_held", "Another agent plans the run.", { holder });
}

async function lease(
  tx: Line,
  who: Principal,
  run: RunWithGoal,
  newest: FoundPlan | null,
  { claim_id, agent, lease_s }: PlanRun,
): Promise<Result<PlanLeased>> {
  const role = await newestRole(tx, who.workspace_id, "pm");
  const open = newest === null || newest.plan.state === "failed" ? await openPlan(tx.db, run) : newest.plan.id;
  const plan = await leasePlan(tx.db, open, {
    ...{ claim_id, token_id: who.token_id, agent_id: agent.id, lease_ms: lease_s * 1_000, role_version: role.version },
  });
  if (plan === null) throw new Error("a plan that nobody holds could not be leased");
  const value = await leasedView(tx, run, plan);
  const { id, workspace_id, epoch } = plan;
  await notePlanPrompt(tx.db, { id, workspace_id, epoch }, sha256(value.prompt));
  return ok({ fresh: true, value });
}

/** The same for as long as the lease lives: the goal and the version of the role stay. */
async function leasedView(line: Line, { name, project_id }: RunRow, plan: PlanRow): Promise<LeasedPlan> {
  const { id, run_id, epoch, goal, lease_ms, lease_expires_at, role_version, workspace_id } = plan;
  const project = await findProject(line.db, workspace_id, project_id);
  if (project === null || lease_expires_at === null || lease_ms === null || role_version === null) {
    throw new Error("a leased plan has no lease or no project");
  }
  const role = await newestRole(line, workspace_id, "pm", role_version);
  const { name: project_name, repository_url, primary_branch } = project;
  const input = { goal, project: promptProject(project) };
  return {
    plan: { id, run_id, epoch, expires_at: lease_expires_at.toISOString(), heartbeat_every_s: lease_ms / 4_000 },
    context: {
      project: { id: project_id, name: project_name, repository_url, primary_branch },
      run: { id: run_id, name },
      goal,
      role: roleBrief(role),
    },
    prompt: planPromptFor(role.definition.template, input, boundaryOf(`${id} ${epoch}`)),
  };
}
