/** Calls on plans: an agent turns the goal of a run into tasks. */
import { IdParams } from "../fields.ts";
import * as plans from "../plans.ts";
import { get, post } from "../route.ts";
import { EVERYBODY, MAKERS, ONCE, ONE } from "./shared.ts";

const plan = { ...EVERYBODY, tag: "runs" } as const;
const held = { ...plan, ...ONCE, params: IdParams, refusals: ["not_found", "lease_lost"] } as const;

export const planRoutes = {
  planRun: post("/api/runs/:id/plan", {
    ...plan,
    ...ONE,
    summary: "Lease the goal of a run, to make tasks of it",
    body: plans.PlanRun,
    answers: { 200: plans.LeasedPlan, 201: plans.LeasedPlan },
    refusals: ["not_found", "run_closed", "lease_held", "transition_not_allowed", "claim_id_used"],
  }),
  listPlans: get("/api/runs/:id/plans", {
    ...MAKERS,
    tag: "runs",
    ...ONE,
    summary: "Look at who planned a run, and what became of it",
    query: plans.ListPlans,
    answers: { 200: plans.PlanList },
  }),
  beatPlan: post("/api/plans/:id/heartbeat", {
    ...held,
    summary: "Keep the lease of a plan",
    body: plans.BeatPlan,
    answers: { 200: plans.PlanBeat },
  }),
  completePlan: post("/api/plans/:id/complete", {
    ...held,
    summary: "Hand in the tasks of a plan: they are checked and sent down the line",
    body: plans.CompletePlan,
    answers: { 200: plans.CompletedPlan },
    refusals: [...held.refusals, "dependency_invalid"],
    packet: true,
  }),
  failPlan: post("/api/plans/:id/fail", {
    ...held,
    summary: "Say that the goal could not be planned: another agent may try",
    body: plans.FailPlan,
    answers: { 200: plans.PlanAnswer },
  }),
};
