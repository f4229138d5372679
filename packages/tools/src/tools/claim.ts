/** Getting a lease: the tool that waits for work. */
import { createHash, randomUUID } from "node:crypto";
import type { Client } from "@baton/client";
import { ClaimedLease, ClaimLease, EMPTY_REASONS, type EmptyReason } from "@baton/domain/api";
import { z } from "zod";
import { tool } from "../tool.ts";

/** With what a slow answer takes besides, a call stays under 25 s. */
const WAIT_MAX_S = 20;

/** Longer than the default of the API: a model that runs a test suite cannot send heartbeats meanwhile. */
const LEASE_S = 600;

const GIVE_BACK_MS = 3_000;

const { agent, stages, lease_s, wait_s, claim_id } = ClaimLease.shape;

const Claimed = z.object({
  /** Null when there was nothing. */
  work: ClaimedLease.nullable(),
  reason: z.enum(EMPTY_REASONS).nullable(),
  retry_after_s: z.number().nullable(),
});

export const claimTool = tool({
  name: "task_claim",
  title: "Claim a task",
  description:
    "Gives you the best ready task of the stages you name, under a lease that only you hold: `work.prompt` says what to do, `work.packet` what the stage before left, `work.context.findings` what is to be fixed. `work` is null when there is nothing; `reason` then says why. Call task_heartbeat while you work, and end with task_complete, task_fail, task_block or task_release.",
  input: z.strictObject({
    stages: stages.describe("dev writes the change, qa tests it, sec looks for weaknesses, docs describes it"),
    agent: agent.describe("Who you are. Keep `id` the same in all claims: nobody may check their own work"),
    wait_s: wait_s
      .unwrap()
      .max(WAIT_MAX_S)
      .default(WAIT_MAX_S)
      .describe("How many seconds to wait for a task when there is none"),
    lease_s: lease_s.unwrap().default(LEASE_S).describe("For how many seconds each heartbeat keeps the task for you"),
    claim_id: claim_id
      .optional()
      .describe("A text made up for this claim. If the answer got lost, the same claim_id gives the same lease again"),
  }),
  output: Claimed,
  annotations: { readOnlyHint: false, idempotentHint: false },
  run: async ({ client, input, care: { signal }, lasting }) => {
    const body = { ...input, claim_id: claimIdOf(input.agent.id, input.claim_id) };
    const claiming = client.call("claim", { body, signal });
    // Not waited for here: the call has its own time to keep.
    lasting(claiming.catch(() => null).then(() => (signal.aborted ? giveBack(client, body) : undefined)));
    const answer = await claiming;
    signal.throwIfAborted();
    if (!answer.ok) return answer;
    if (answer.value === null) return { ok: true, value: nothing(answer.headers), next: NOTHING };
    return { ok: true, value: { work: answer.value, reason: null, retry_after_s: null }, next: begin(answer.value) };
  },
});

/**
 * A lease whose answer nobody gets would have no holder until it counts as a crash. The same claim again tells whether
 * there is one; what cannot be asked in time ends by itself.
 */
async function giveBack(client: Client, claim: z.input<typeof ClaimLease>): Promise<void> {
  const signal = AbortSignal.timeout(GIVE_BACK_MS);
  const called = await client.call("claim", { body: { ...claim, wait_s: 0 }, signal }).catch(() => null);
  if (!called?.ok || called.value === null) return;
  const { id, epoch } = called.value.lease;
  await client.call("release", { params: { id }, body: { epoch }, signal }).catch(() => null);
}

/** Agents that share a token make up the same texts. */
function claimIdOf(agent_id: string, given: string | undefined): string {
  if (given === undefined) return randomUUID();
  const hash = createHash("sha256").update(JSON.stringify([agent_id, given]));
  return `mcp-${hash.digest("hex")}`;
}

function nothing(headers: Headers): z.output<typeof Claimed> {
  const told = headers.get("x-baton-reason");
  const reason = EMPTY_REASONS.find((known): known is EmptyReason => known === told) ?? "empty";
  return { work: null, reason, retry_after_s: Number(headers.get("retry-after") ?? 0) };
}

const NOTHING = "There is nothing to claim. Call task_claim again, or stop if you were not asked to wait for work.";

export function begin({ lease }: ClaimedLease): string {
  const held = `lease_id ${lease.id}, epoch ${lease.epoch}`;
  return `You hold ${held} until ${lease.expires_at}. Follow \`prompt\`; call task_heartbeat every ${lease.heartbeat_every_s} s; end with task_complete.`;
}
