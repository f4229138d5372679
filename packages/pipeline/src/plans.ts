/** A plan in a planner's hands: kept, handed in as tasks, or given up. */
import {
  beatPlan as beat,
  endPlan,
  findPlan,
  findProject,
  findRun,
  lockRun,
  newId,
  type PlanRow,
  pageOfPlans,
} from "@baton/db";
import { isOpenRun, ok, type Result, refused } from "@baton/domain";
import type {
  BeatPlan,
  CompletedPlan,
  CompletePlan,
  FailPlan,
  ListPlans,
  PlanAnswer,
  PlanBeat,
  PlanList,
  PlanView,
} from "@baton/domain/api";
import { resolveDependencies } from "./dependencies.ts";
import { LOST } from "./held.ts";
import { inTransaction, type Line } from "./line.ts";
import { pageOf } from "./page.ts";
import type { Principal } from "./principal.ts";
import { putOnLine } from "./submit-run.ts";
import { runView } from "./views.ts";

interface ById {
  id: string;
}

export async function listPlans(line: Line, who: Principal, input: ListPlans & ById): Promise<Result<PlanList>> {
  const { workspace_id } = who;
  if ((await findRun(line.db, workspace_id, input.id)) === null) return refused("not_found", "There is no such run.");
  return ok(await pageOf(input, (page) => pageOfPlans(line.db, workspace_id, input.id, page), planView));
}

export async function beatPlan(line: Line, who: Principal, input: BeatPlan & ById): Promise<Result<PlanBeat>> {
  const plan = await heldPlan(line, who, input);
  if (!plan.ok) return plan;
  const alive = await beat(line.db, refOf(plan.value));
  if (alive === null) return LOST;
  return ok({ directive: alive.paused ? "pause" : "continue", expires_at: alive.expires_at.toISOString() });
}

/** The tasks are submitted in the transaction that ends the plan: neither is there without the other. */
export async function completePlan(
  line: Line,
  who: Principal,
  input: CompletePlan & ById,
): Promise<Result<CompletedPlan>> {
  const found = await heldPlan(line, who, input);
  if (!found.ok) return found;
  return submitPlan(line, who, found.value, input);
}

async function submitPlan(
  line: Line,
  who: Principal,
  found: PlanRow,
  { packet: { tasks, ...packet }, usage }: CompletePlan,
): Promise<Result<CompletedPlan>> {
  return inTransaction(line, async (tx) => {
    const run = await lockRun(tx.db, who.workspace_id, found.run_id);
    const project = run && (await findProject(tx.db, who.workspace_id, run.project_id));
    if (run === null || project === null) throw new Error("the run of a plan is gone");
    if (!isOpenRun(run.state)) return LOST;
    const ids = tasks.map(() => newId());
    const dependencies = await resolveDependencies(tx.db, who.workspace_id, tasks, ids);
    if (!dependencies.ok) return inPacket(dependencies.problem);
    const left = usage === undefined ? packet : { ...packet, usage };
    const plan = await endPlan(tx.db, refOf(found), { state: "completed", packet: left });
    if (plan === null) return LOST;
    const planner = { ...who, name: plan.agent_id ?? who.name };
    const placed = await putOnLine(tx, planner, run, project, tasks, dependencies.value);
    return ok({ plan: planView(plan), run: runView(run), tasks: placed });
  });
}

export async function failPlan(line: Line, who: Principal, input: FailPlan & ById): Promise<Result<PlanAnswer>> {
  const found = await heldPlan(line, who, input);
  if (!found.ok) return found;
  const plan = await endPlan(line.db, refOf(found.value), { state: "failed", reason: input.reason });
  return plan === null ? LOST : ok({ plan: planView(plan) });
}

/** The plan by its id, if it is this caller's: agents use their own, admins any. What is written asks again whether it is held. */
async function heldPlan(line: Line, who: Principal, { id, epoch }: ById & BeatPlan): Promise<Result<PlanRow>> {
  const plan = await findPlan(line.db, who.workspace_id, id);
  if (plan === null || (who.role !== "admin" && plan.token_id !== who.token_id)) {
    return refused("not_found", "There is no such plan.");
  }
  return plan.state === "leased" && plan.epoch === epoch ? ok(plan) : LOST;
}

function refOf({ id, workspace_id, epoch }: PlanRow) {
  return { id, workspace_id, epoch };
}

/** The list of tasks stands in the packet. */
function inPacket(problem: Extract<Result<unknown>, { ok: false }>["problem"]) {
  const errors = problem.errors?.map(({ pointer, detail }) => ({ pointer: `/packet${pointer}`, detail })) ?? [];
  return { ok: false as const, problem: { ...problem, errors } };
}

function planView(row: PlanRow): PlanView {
  const { id, run_id, goal, state, agent_id, epoch, role_version, prompt_sha256, reason } = row;
  const { output_summary = null } = (row.packet ?? {}) as { output_summary?: string };
  return {
    ...{ id, run_id, goal, state, agent_id, epoch, role_version, prompt_sha256, reason },
    summary: output_summary,
    expires_at: state === "leased" ? (row.lease_expires_at?.toISOString() ?? null) : null,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}
