/** Gets the next task: long polls until there is one, until there is none where that is enough, or until it is told to end. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Client } from "@baton/client";
import type { ClaimedLease, EmptyReason } from "@baton/domain/api";
import { answered } from "../complaint.ts";
import type { Say } from "./events.ts";
import type { WorkOptions } from "./options.ts";
import type { Patience } from "./patience.ts";

export type Next = { kind: "claimed"; claimed: ClaimedLease } | { kind: "none"; reason: EmptyReason };

export interface Desk {
  client: Client;
  options: WorkOptions;
  say: Say;
  patience: Patience;
  stop: AbortSignal;
}

/** A lease that was given out just as we hung up must not lie there until it is over. */
const GIVE_BACK_MS = 3_000;

/** Throws the reason of `stop` when that fires. */
export async function claimNext(desk: Desk): Promise<Next> {
  const { options, say, stop } = desk;
  let told: string | null = null;
  for (;;) {
    const claim_id = randomUUID();
    const begun = performance.now();
    const called = await claim(desk, claim_id).catch(async (error: unknown) => {
      await giveBack(desk, claim_id);
      throw error;
    });
    if (!called.ok && called.problem.code === "claim_id_used") continue;
    const claimed = answered(called);
    if (claimed !== null) return { kind: "claimed", claimed };
    const { headers } = called as { headers: Headers };
    const reason = reasonOf(headers);
    if (options.until_empty) return { kind: "none", reason };
    if (reason !== told) say({ event: "waiting", stages: options.stages, reason });
    told = reason;
    // Only a poll that came back before its time is a reason to hold back.
    if (performance.now() - begun < options.wait_s * 500 || options.wait_s === 0)
      await pause(retryAfterMs(headers), undefined, { signal: stop });
  }
}

function claim({ client, options, patience, stop }: Desk, claim_id: string) {
  const { stages, agent, lease_s, wait_s } = options;
  const body = { claim_id, stages, agent, lease_s, wait_s };
  return patience.untilAnswered((signal) => client.call("claim", { body, signal }), stop);
}

/** The same claim again tells whether there is a lease. What cannot be asked in time ends by itself when the lease is over. */
async function giveBack({ client, options }: Desk, claim_id: string): Promise<void> {
  const { stages, agent, lease_s } = options;
  const signal = AbortSignal.timeout(GIVE_BACK_MS);
  const body = { claim_id, stages, agent, lease_s, wait_s: 0 };
  const called = await client.call("claim", { body, signal }).catch(() => null);
  if (!called?.ok || called.value === null) return;
  const { id, epoch } = called.value.lease;
  await client.call("release", { params: { id }, body: { epoch }, signal }).catch(() => null);
}

function reasonOf(headers: Headers): EmptyReason {
  return (headers.get("x-baton-reason") ?? "empty") as EmptyReason;
}

function retryAfterMs(headers: Headers): number {
  const asked = Number(headers.get("retry-after") ?? 1);
  return Math.min(60, Math.max(1, Number.isFinite(asked) ? asked : 1)) * 1_000;
}
