/** Work that a scenario does itself, call by call, told in its history: claims, passes, failures, tasks given back, and a few agents that finish the rest. */
import { randomUUID } from "node:crypto";
import { STAGES } from "@baton/domain";
import type { Desk } from "../agents/desk.ts";
import { runAgent } from "../agents/http-agent.ts";
import { packetHash } from "../history/packet-hash.ts";

const LEASE_S = 5;

export interface HeldByHand {
  task_id: string;
  run_id: string;
  lease_id: string;
  epoch: number;
  stage: (typeof STAGES)[number];
  visit: number;
}

/** Null when there is nothing to be had at once. */
export async function claimByHand(
  desk: Desk,
  agent_id: string,
  wanted: readonly HeldByHand["stage"][] = STAGES,
): Promise<HeldByHand | null> {
  const claim_id = randomUUID();
  const stages = [...wanted];
  const body = { claim_id, stages, agent: { id: agent_id }, wait_s: 0, lease_s: LEASE_S };
  const sent = await desk.settle({
    operation: { op: "claim", claim_id, stages, agent_id },
    call: (client, signal) => client.call("claim", { body, signal }),
    answer: (value) => {
      if (value === null) return {};
      const { attempt, expires_at } = value.lease;
      const packet = value.packet && packetHash(value.packet);
      return { lease: { ...heldIn(value), attempt, expires_at, packet_id: value.packet?.id ?? null, packet } };
    },
  });
  return sent?.type === "ok" && sent.value !== null ? heldIn(sent.value) : null;
}

type Given = {
  lease: { id: string; epoch: number; stage: HeldByHand["stage"]; visit: number };
  task: { id: string; run_id: string };
};

function heldIn({ lease: { id: lease_id, epoch, stage, visit }, task }: Given): HeldByHand {
  return { task_id: task.id, run_id: task.run_id, lease_id, epoch, stage, visit };
}

export async function passByHand(desk: Desk, held: HeldByHand): Promise<void> {
  const key = randomUUID();
  const packet = { output_summary: `by hand: ${held.lease_id}` };
  const body = { epoch: held.epoch, result: "pass" as const, packet };
  await desk.settle({
    operation: { op: "complete", ...held, key, result: "pass", packet: packetHash(packet) },
    call: (client, signal) =>
      client.call("complete", { params: { id: held.lease_id }, body, idempotency_key: key, signal }),
    answer: ({ verdict }) => ({ verdict }),
  });
}

export async function releaseByHand(desk: Desk, held: HeldByHand): Promise<void> {
  const key = randomUUID();
  const given = { params: { id: held.lease_id }, body: { epoch: held.epoch }, idempotency_key: key };
  await desk.settle({
    operation: { op: "release", ...held, key },
    call: (client, signal) => client.call("release", { ...given, signal }),
  });
}

/** By no fault of the task, and to be tried again after so long. Each says something else: the same five times over would pause the stage. */
export async function failByHand(desk: Desk, held: HeldByHand, retry_after_s: number): Promise<void> {
  const key = randomUUID();
  const error = { message: inLetters(held.lease_id), fault: "provider" as const, retry_after_s };
  const given = { params: { id: held.lease_id }, body: { epoch: held.epoch, error }, idempotency_key: key };
  await desk.settle({
    operation: { op: "fail", ...held, key, fault: error.fault },
    call: (client, signal) => client.call("fail", { ...given, signal }),
  });
}

/** Numbers do not tell two failures apart. */
function inLetters(id: string): string {
  return id.replaceAll(/[0-9a-f]/g, (digit) => "ghijklmnopqrstuv"[Number.parseInt(digit, 16)] ?? "");
}

/** Agents of this process, until the way to stop is called. */
export function finishByHand(desk: Desk, count: number, seed: number): () => Promise<void> {
  const stopping = new AbortController();
  const agents = Array.from({ length: count }, (_, i) =>
    runAgent(desk, { id: `finisher-${i + 1}`, stages: STAGES, lease_s: LEASE_S, seed }, stopping.signal),
  );
  const all = Promise.all(agents);
  // Whoever stops them hears what went wrong. Until then it must not end the process.
  all.catch(() => {});
  return async () => {
    stopping.abort();
    await all;
  };
}
