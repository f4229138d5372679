/** Tools that keep a lease, and what its holder knows. */
import {
  Checkpoint,
  CheckpointAnswer,
  ClaimedLease,
  Heartbeat,
  HeartbeatAnswer,
  type LeaseView,
} from "@baton/domain/api";
import { z } from "zod";
import { type Refusal, told, tool } from "../tool.ts";
import { begin } from "./claim.ts";
import { HELD } from "./held.ts";

const AFTER: Record<HeartbeatAnswer["directive"], string> = {
  continue: "Go on working; call task_heartbeat again in time.",
  wind_down: "Come to an end now: call task_complete with what you have, or task_release.",
  pause: "Stop working, keep what you have with task_checkpoint, then call task_release.",
  cancel: "Stop at once and throw the work away. Call task_claim for new work.",
};

export const heartbeatTool = tool({
  name: "task_heartbeat",
  title: "Keep a task and hear what to do",
  description:
    "Keeps the task yours and gives one directive: continue; wind_down (finish soon: complete with what you have); pause (stop working, then task_release); cancel (stop at once and throw the work away). `messages` are words that people left for you, each given once.",
  input: z.strictObject({
    ...Heartbeat.shape,
    ...HELD,
    usage: Heartbeat.shape.usage.describe("Totals of this attempt so far, not increments"),
    progress: Heartbeat.shape.progress.describe("What you are doing now, in one line"),
    evidence: Heartbeat.shape.evidence.describe("What is new of the work, if you know it"),
  }),
  output: HeartbeatAnswer,
  annotations: { readOnlyHint: false, idempotentHint: true },
  run: async ({ client, input: { lease_id, ...body }, care }) =>
    told(
      await client.call("heartbeat", { params: { id: lease_id }, body, ...care }),
      (value) => AFTER[value.directive],
    ),
});

export const checkpointTool = tool({
  name: "task_checkpoint",
  title: "Keep a draft of what you have",
  description:
    "Keeps a draft of your packet: if you break off, the next agent begins with it. Fields that you give take the place of those kept before, the others stay. Counts as a heartbeat and gives its directive.",
  input: z.strictObject({
    ...Checkpoint.shape,
    ...HELD,
    packet: Checkpoint.shape.packet.describe("Any part of what task_complete takes as `packet`"),
    progress: Checkpoint.shape.progress.describe("What you are doing now, in one line"),
  }),
  output: CheckpointAnswer,
  annotations: { readOnlyHint: false, idempotentHint: true },
  run: async ({ client, input: { lease_id, ...body }, care }) =>
    told(
      await client.call("checkpoint", { params: { id: lease_id }, body, ...care }),
      (value) => AFTER[value.directive],
    ),
});

export const contextTool = tool({
  name: "task_context",
  title: "Read the task again",
  description:
    "Gives once more what task_claim gave for a lease that you hold: task, prompt, packet, findings. For when you lost it. Does not keep the task: that is task_heartbeat.",
  input: z.strictObject({
    lease_id: HELD.lease_id,
    epoch: HELD.epoch
      .optional()
      .describe("`work.lease.epoch` of task_claim's answer; leave it out if that is what you lost"),
  }),
  output: ClaimedLease,
  annotations: { readOnlyHint: true, idempotentHint: true },
  run: async ({ client, input: { lease_id, epoch }, care: { signal } }) => {
    const answer = await client.call("taskContext", { params: { id: lease_id }, signal });
    if (answer.ok && epoch !== undefined && answer.value.lease.epoch !== epoch) {
      return { ok: false, problem: otherEpoch(answer.value.lease) };
    }
    return told(answer, begin);
  },
});

function otherEpoch({ epoch }: LeaseView): Refusal {
  return { code: "lease_lost", detail: `The lease has the epoch ${epoch}.` };
}
