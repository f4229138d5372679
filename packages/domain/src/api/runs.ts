/** Runs on the wire: sending tasks down the line together, watching, pausing and killing them. */
import { z } from "zod";
import { BLOCK_KINDS, RUN_STATES, TASK_STATES } from "../states.ts";
import { money } from "../text.ts";
import { Description, Id, listOf, Name, Note, Page, Priority, StageName, Time, Title } from "./fields.ts";
import { TaskView } from "./tasks.ts";

/** At most as many as one statement writes without holding others up. */
export const RUN_TASKS_MAX = 1_000;

export const Position = z
  .int()
  .min(0)
  .max(RUN_TASKS_MAX - 1);

export const NewTask = z
  .strictObject({
    title: Title,
    description: Description.default(""),
    /** Higher first. */
    priority: Priority.default(5),
    acceptance_criteria: z
      .array(Note)
      .max(100)
      .default(() => []),
    /** Tasks that have to complete first: positions in this list, from 0, or ids of tasks of the same run. */
    depends_on: z
      .array(z.union([Position, Id], "must be a position in the list, from 0, or the id of a task"))
      .max(100)
      .default(() => []),
  })
  .meta({ id: "NewTask" });
export type NewTask = z.infer<typeof NewTask>;

const NewTasks = z.array(NewTask).min(1).max(RUN_TASKS_MAX);

export const CreateRun = z
  .strictObject({
    project_id: Id,
    feature_id: Id.optional(),
    name: Name,
    tasks: z
      .array(NewTask)
      .max(RUN_TASKS_MAX)
      .default(() => []),
    /** In place of tasks: what an agent is to make tasks of, by POST /api/runs/:id/plan. */
    goal: Description.min(1).optional(),
    /** Instead of what the project's settings say, for this run alone. */
    options: z
      .strictObject({
        approval: z.enum(["none", "required"]).optional(),
        /** What its attempts may cost together, USD: beyond it no lease is given. */
        budget_usd: money.optional(),
        /** Its share beside other runs of the same priority. */
        weight: z.int().min(1).max(100).optional(),
      })
      .prefault({}),
  })
  .refine((run) => run.tasks.length > 0 !== (run.goal !== undefined), {
    path: ["tasks"],
    message: "there must be either tasks or a goal to make them of",
  })
  .meta({ id: "CreateRun" });
export type CreateRun = z.infer<typeof CreateRun>;

export const AddTasks = z.strictObject({ tasks: NewTasks });
export type AddTasks = z.infer<typeof AddTasks>;

export const TriggerAgent = z.strictObject({ stage: StageName });
export type TriggerAgent = z.infer<typeof TriggerAgent>;

export const KillRun = z.strictObject({ reason: Note.optional() });
export type KillRun = z.infer<typeof KillRun>;

export const RunView = z
  .object({
    id: Id,
    project_id: Id,
    feature_id: Id.nullable(),
    name: z.string(),
    state: z.enum(RUN_STATES),
    approval: z.enum(["none", "required"]),
    weight: z.int(),
    budget_usd: z.string().nullable(),
    /** Its attempts have cost what they may: no lease is given. */
    over_budget: z.boolean(),
    goal: z.string().nullable(),
    /** Stages in which hosted workers start by themselves. Pulling agents are not asked. */
    triggered: z.array(StageName),
    reason: z.string().nullable(),
    created_at: Time,
    updated_at: Time,
    finished_at: Time.nullable(),
  })
  .meta({ id: "Run" });
export type RunView = z.infer<typeof RunView>;

export const RunAnswer = z.object({ run: RunView });
export type RunAnswer = z.infer<typeof RunAnswer>;
export const RunWithTasks = z.object({ run: RunView, tasks: z.array(TaskView) });
export type RunWithTasks = z.infer<typeof RunWithTasks>;
export const AddedTasks = z.object({ tasks: z.array(TaskView) });
export type AddedTasks = z.infer<typeof AddedTasks>;
export const KilledRun = z.object({ run: RunView, cancelled_tasks: z.int() });
export type KilledRun = z.infer<typeof KilledRun>;

export const ListRuns = z.strictObject({
  ...Page,
  project_id: Id.optional(),
  feature_id: Id.optional(),
  state: z.enum(RUN_STATES).optional(),
});
export type ListRuns = z.infer<typeof ListRuns>;
export const RunList = listOf(RunView);
export type RunList = z.infer<typeof RunList>;

const count = z.int();

export const BlockedTask = z.object({
  task_id: Id,
  title: z.string(),
  kind: z.enum(BLOCK_KINDS),
  reason: z.string(),
  until: Time.nullable(),
});
export type BlockedTask = z.infer<typeof BlockedTask>;

export const ProgressView = z
  .object({
    run_id: Id,
    total: count,
    by_stage: z.object({ none: count, dev: count, qa: count, sec: count, docs: count, complete: count }),
    by_state: z.object(perState()),
    /** Stage steps passed over stage steps in all, 0 to 100. */
    percent: z.number(),
    /** The first 200 of them; `by_state` counts all. */
    blocked: z.array(BlockedTask),
    cost_usd: z.string(),
    tokens_in: count,
    tokens_out: count,
  })
  .meta({ id: "Progress" });
export type ProgressView = z.infer<typeof ProgressView>;

function perState() {
  return Object.fromEntries(TASK_STATES.map((state) => [state, count])) as Record<
    (typeof TASK_STATES)[number],
    typeof count
  >;
}
