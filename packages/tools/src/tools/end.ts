/** Tools that end a lease. Each may be repeated: the first answer is given again. */
import { BlockLease, CompletedLease, CompleteLease, FailLease, ReleaseLease, TaskAnswer } from "@baton/domain/api";
import { z } from "zod";
import { told, tool } from "../tool.ts";
import { HELD } from "./held.ts";

const ending = { annotations: { readOnlyHint: false, idempotentHint: true }, repeats: true } as const;
const NEXT_TASK = "The lease is over. Call task_claim for the next task.";

export const completeTool = tool({
  ...ending,
  name: "task_complete",
  title: "Hand the work over",
  description:
    "Ends your lease with a result: `pass` moves the task to the next stage, `reject` sends it back to dev with your findings. `packet` is what the next agent gets to read: `output_summary` is all it needs, decisions and touched files help. An open bug, or an open finding that is high or critical, makes it a reject whatever you say; `verdict` and `reasons` tell what became of it. Findings added before with finding_add are kept.",
  input: z.strictObject({
    ...CompleteLease.shape,
    ...HELD,
    result: CompleteLease.shape.result.describe("pass, or reject: the work of the stage before does not hold"),
    packet: CompleteLease.shape.packet.describe("What you did, decided and touched, for the next agent"),
    findings: CompleteLease.shape.findings.describe("What is wrong, one by one; what a reject wants to be fixed"),
    usage: CompleteLease.shape.usage.describe("Totals of this attempt; leave out what you do not know"),
  }),
  output: CompletedLease,
  run: async ({ client, input: { lease_id, ...body }, care }) =>
    told(await client.call("complete", { params: { id: lease_id }, body, ...care }), (value) =>
      value.verdict === "pass" ? NEXT_TASK : `The task goes back to dev. ${NEXT_TASK}`,
    ),
});

export const failTool = tool({
  ...ending,
  name: "task_fail",
  title: "Say that it could not be carried out",
  description:
    "Ends your lease because of a technical failure: the task is tried again later. `error.fault` says whose fault it was: task (the task itself; only this is charged to it), worker (you), provider (the model or its limits), environment (tools, network, disk), contract (what was handed over). A verdict on the work is not a failure: use task_complete with reject for that.",
  input: z.strictObject({ ...FailLease.shape, ...HELD }),
  output: TaskAnswer,
  run: async ({ client, input: { lease_id, ...body }, care }) =>
    told(await client.call("fail", { params: { id: lease_id }, body, ...care }), NEXT_TASK),
});

export const blockTool = tool({
  ...ending,
  name: "task_block",
  title: "Say what the task waits for",
  description:
    "Ends your lease because the work waits for something outside the line: needs_input (a person has to answer the question in `reason`), approval, dependency (another task), quota (a limit, over at `until`). It costs the task no attempt.",
  input: z.strictObject({ ...BlockLease.shape, ...HELD }),
  output: TaskAnswer,
  run: async ({ client, input: { lease_id, ...body }, care }) =>
    told(await client.call("block", { params: { id: lease_id }, body, ...care }), NEXT_TASK),
});

export const releaseTool = tool({
  ...ending,
  name: "task_release",
  title: "Give the task back",
  description: "Ends your lease without a result: the task waits for the next agent, at no cost to it.",
  input: z.strictObject({ ...ReleaseLease.shape, ...HELD }),
  output: TaskAnswer,
  run: async ({ client, input: { lease_id, ...body }, care }) =>
    told(await client.call("release", { params: { id: lease_id }, body, ...care }), NEXT_TASK),
});
