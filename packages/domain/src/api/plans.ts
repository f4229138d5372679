/** Plans on the wire: the step before the line, in which an agent turns the goal of a run into tasks. */
import { z } from "zod";
import { Usage } from "../outcomes.ts";
import { PacketDraft } from "../packet.ts";
import { Id, listOf, Note, Page, Time } from "./fields.ts";
import { ClaimLease } from "./leases.ts";
import { RoleBrief } from "./roles.ts";
import { NewTask, Position, RunView } from "./runs.ts";
import { TaskView } from "./tasks.ts";

/** One statement writes them all, with the plan's end. */
export const PLAN_TASKS_MAX = 200;

/** A claim of the run's goal. Repeating the claim_id while the lease lives gives the same lease. */
export const PlanRun = z
  .strictObject({
    claim_id: ClaimLease.shape.claim_id,
    agent: z.strictObject({ id: ClaimLease.shape.agent.shape.id }),
    lease_s: ClaimLease.shape.lease_s,
  })
  .meta({ id: "PlanRun" });
export type PlanRun = z.infer<typeof PlanRun>;

export const PLAN_STATES = ["open", "leased", "completed", "failed"] as const;

export const PlanView = z
  .object({
    id: Id,
    run_id: Id,
    goal: z.string(),
    state: z.enum(PLAN_STATES),
    agent_id: z.string().nullable(),
    epoch: z.int(),
    /** While it is leased. */
    expires_at: Time.nullable(),
    role_version: z.int().nullable(),
    prompt_sha256: z.string().nullable(),
    /** What a completed plan left, its tasks aside. */
    summary: z.string().nullable(),
    /** Why it failed. */
    reason: z.string().nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .meta({ id: "Plan" });
export type PlanView = z.infer<typeof PlanView>;

export const ListPlans = z.strictObject(Page);
export type ListPlans = z.infer<typeof ListPlans>;
/** Newest first. */
export const PlanList = listOf(PlanView);
export type PlanList = z.infer<typeof PlanList>;

export const LeasedPlan = z
  .object({
    plan: z.object({ id: Id, run_id: Id, epoch: z.int(), expires_at: Time, heartbeat_every_s: z.number() }),
    context: z.object({
      project: z.object({
        id: Id,
        name: z.string(),
        repository_url: z.string().nullable(),
        primary_branch: z.string(),
      }),
      run: z.object({ id: Id, name: z.string() }),
      goal: z.string(),
      role: RoleBrief,
    }),
    prompt: z.string(),
  })
  .meta({ id: "LeasedPlan" });
export type LeasedPlan = z.infer<typeof LeasedPlan>;

const Epoch = z.int().min(1);

export const BeatPlan = z.strictObject({ epoch: Epoch });
export type BeatPlan = z.infer<typeof BeatPlan>;
export const PlanBeat = z.object({ directive: z.enum(["continue", "pause"]), expires_at: Time });
export type PlanBeat = z.infer<typeof PlanBeat>;

/** As when a run is made, but what a task waits for is in the same list. */
const PlannedTask = NewTask.extend({
  depends_on: z
    .array(Position)
    .max(100)
    .default(() => []),
});

export const CompletePlan = z
  .strictObject({
    epoch: Epoch,
    packet: PacketDraft.extend({ tasks: z.array(PlannedTask).min(1).max(PLAN_TASKS_MAX) }),
    usage: Usage.optional(),
  })
  .meta({ id: "CompletePlan" });
export type CompletePlan = z.infer<typeof CompletePlan>;

export const CompletedPlan = z.object({ plan: PlanView, run: RunView, tasks: z.array(TaskView) });
export type CompletedPlan = z.infer<typeof CompletedPlan>;

export const FailPlan = z.strictObject({ epoch: Epoch, reason: Note });
export type FailPlan = z.infer<typeof FailPlan>;

export const PlanAnswer = z.object({ plan: PlanView });
export type PlanAnswer = z.infer<typeof PlanAnswer>;
