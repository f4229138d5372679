/** Tools without a lease: how much work there is, and making more. */
import { cutText } from "@baton/domain";
import { CreateRun, Id, NewTask, StatusView, TaskAnswer } from "@baton/domain/api";
import { z } from "zod";
import { type Refusal, told, tool } from "../tool.ts";

export const statusTool = tool({
  name: "queue_status",
  title: "How much work waits",
  description:
    "Shows for each stage how many tasks are ready to be claimed, how many are being worked on, and how long the oldest has waited. Changes nothing.",
  input: z.strictObject({}),
  output: StatusView,
  annotations: { readOnlyHint: true, idempotentHint: true },
  run: async ({ client, care: { signal } }) =>
    told(await client.call("status", { signal }), "Call task_claim with the stages that you can work in."),
});

const input = z.strictObject({
  ...NewTask.shape,
  title: NewTask.shape.title.describe("What is to be done, in one line"),
  description: NewTask.shape.description.describe("All that an agent without other knowledge needs to do it"),
  acceptance_criteria: NewTask.shape.acceptance_criteria.describe("What has to hold when it is done, one by one"),
  depends_on: z
    .array(Id)
    .max(100)
    .default(() => [])
    .describe("Ids of tasks of the same run that have to be completed first"),
  run_id: Id.optional().describe("The run to add it to. Give this or project_id"),
  project_id: CreateRun.shape.project_id.optional().describe("The project in which it gets a run of its own"),
  call_id: z
    .string()
    .max(200)
    .optional()
    .describe("Only to make a second task with the same arguments: any other text"),
});

export const createTool = tool({
  name: "task_create",
  title: "Send a new task down the line",
  description:
    "Adds a task to a run (run_id), or gives it a run of its own in a project (project_id). It begins in dev. Calling it again with the same arguments gives the same task. Needs a token that may produce work.",
  input,
  output: TaskAnswer,
  annotations: { readOnlyHint: false, idempotentHint: true },
  repeats: true,
  run: async ({ client, input: { run_id, project_id, call_id: _, ...task }, care }) => {
    if ((run_id === undefined) === (project_id === undefined)) return { ok: false, problem: EITHER };
    const made =
      run_id !== undefined
        ? await client.call("addTasks", { params: { id: run_id }, body: { tasks: [task] }, ...care })
        : await client.call("createRun", {
            body: { project_id: project_id ?? "", name: nameOf(task.title), tasks: [task] },
            ...care,
          });
    if (!made.ok) return made;
    const [created] = made.value.tasks;
    if (created === undefined) throw new Error("a run was answered without its task");
    return {
      ok: true,
      value: { task: created },
      next: "The task is on the line. Nothing more has to be called for it.",
    };
  },
});

const EITHER: Refusal = {
  code: "invalid_request",
  detail: "Give exactly one of run_id and project_id.",
  errors: [{ pointer: "/run_id", detail: "or project_id, and not both" }],
};

/** A run's name is one line. */
function nameOf(title: string): string {
  return cutText(title.replace(/\p{Cc}+/gu, " "), 200);
}
