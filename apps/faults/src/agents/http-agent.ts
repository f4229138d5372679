/** One pulling agent: claims, works by its script, hands over, and so on until it is told to stop. A lost answer is asked for again under the same claim_id or key. */
import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import type { Stage } from "@baton/domain";
import type { ClaimedLease } from "@baton/domain/api";
import { packetHash, sha256 } from "../history/packet-hash.ts";
import type { Call, Desk } from "./desk.ts";
import { besidesOf, draftOf, failureOf, fileOf, findingsOf } from "./leave.ts";
import { type Script, scriptOf } from "./script.ts";

export interface AgentOptions {
  id: string;
  stages: readonly Stage[];
  lease_s: number;
  seed: number;
}

/** How long a claim waits for work. */
const WAIT_S = 3;
/** Between two claims that brought nothing although nobody waited, ms. */
const BREATH_MS = 200;

export async function runAgent(desk: Desk, options: AgentOptions, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    const given = await claimed(desk, options, stopping);
    if (given === null) {
      await pause(BREATH_MS, undefined, { signal: stopping }).catch(() => undefined);
    } else {
      const { lease, task } = given;
      const script = scriptOf(options.seed, { title: task.title, ...lease }, options.lease_s * 1_000);
      await attempt(desk, given, script, { ...options, stopping });
    }
  }
}

/** Null when there was nothing, or the lease of a lost answer has ended meanwhile. */
async function claimed(desk: Desk, options: AgentOptions, stopping: AbortSignal): Promise<ClaimedLease | null> {
  if (stopping.aborted) return null;
  const claim_id = randomUUID();
  const body = {
    ...{ claim_id, stages: [...options.stages], agent: { id: options.id, kind: "scripted" } },
    ...{ wait_s: WAIT_S, lease_s: options.lease_s },
  };
  const sent = await desk.settle({
    operation: { op: "claim", claim_id, stages: [...options.stages], agent_id: options.id },
    call: (client, signal) => client.call("claim", { body, signal }),
    answer: (value) => (value === null ? {} : { lease: leaseIn(value) }),
    patience_ms: WAIT_S * 1_000 + 8_000,
  });
  return sent?.type === "ok" ? sent.value : null;
}

function leaseIn({ lease, task, packet }: ClaimedLease) {
  const { attempt: number, expires_at } = lease;
  return {
    ...heldBy({ lease, task }),
    ...{ attempt: number, expires_at, packet_id: packet?.id ?? null, packet: packet && packetHash(packet) },
  };
}

/** Whose lease, on what: it stands in every operation of the attempt. */
function heldBy({ lease, task }: Pick<ClaimedLease, "lease" | "task">) {
  const { id: lease_id, epoch, stage, visit } = lease;
  return { task_id: task.id, run_id: task.run_id, lease_id, epoch, stage, visit };
}

type Held = ReturnType<typeof heldBy>;

async function attempt(
  desk: Desk,
  given: ClaimedLease,
  script: Script,
  { lease_s, stopping }: AgentOptions & { stopping: AbortSignal },
): Promise<void> {
  if (script.dies) process.kill(process.pid, "SIGKILL");
  const held = heldBy(given);
  // A pause or a cancellation ends the work early; a lost lease does not: a late agent is told so when it hands over.
  const told = new AbortController();
  const beats = script.silent ? null : keepAlive(desk, held, lease_s, told);
  const until = AbortSignal.any([told.signal, stopping]);
  await leaveOnTheWay(desk, held, script);
  await pause(script.work_ms, undefined, { signal: until }).catch(() => undefined);
  beats?.stop();
  if (script.silent && !until.aborted) await leaveLate(desk, held);
  if (stopping.aborted) await desk.send(releaseOf(held));
  else if (told.signal.reason === "pause") await desk.settle(releaseOf(held));
  else await handOver(desk, held, script);
}

function keepAlive(desk: Desk, held: Held, lease_s: number, told: AbortController): { stop(): void } {
  const params = { id: held.lease_id };
  const every_ms = Math.floor((lease_s * 1_000) / 3);
  const beat = async () => {
    const sent = await desk.send({
      operation: { op: "heartbeat", ...held },
      call: (client, signal) => client.call("heartbeat", { params, body: { epoch: held.epoch }, signal }),
      answer: ({ directive, expires_at }) => ({ directive, expires_at }),
      patience_ms: every_ms,
    });
    if (sent.type === "ok" && ["cancel", "pause"].includes(sent.value.directive)) told.abort(sent.value.directive);
  };
  const timer = setInterval(() => void beat(), every_ms);
  return { stop: () => clearInterval(timer) };
}

async function leaveOnTheWay(desk: Desk, held: Held, script: Script): Promise<void> {
  if (script.checkpoint) await leaveCheckpoint(desk, held, "on the way");
  if (script.artifact_bytes !== null) await leaveFile(desk, held, "left.bin", script.artifact_bytes);
}

/** The lease of a silent agent is over by now: all of this is to be refused. */
async function leaveLate(desk: Desk, held: Held): Promise<void> {
  await desk.send({
    operation: { op: "heartbeat", ...held },
    call: (client, signal) =>
      client.call("heartbeat", { params: { id: held.lease_id }, body: { epoch: held.epoch }, signal }),
    answer: ({ directive, expires_at }) => ({ directive, expires_at }),
  });
  await leaveCheckpoint(desk, held, "late");
  await leaveFile(desk, held, "late.bin", 100);
}

async function leaveCheckpoint(desk: Desk, held: Held, when: string): Promise<void> {
  const [key, params] = [randomUUID(), { id: held.lease_id }];
  const body = { epoch: held.epoch, packet: { output_summary: `${when}: ${held.lease_id}` } };
  await desk.settle({
    operation: { op: "checkpoint", ...held, key },
    call: (client, signal) => client.call("checkpoint", { params, body, idempotency_key: key, signal }),
    answer: ({ directive, expires_at }) => ({ directive, expires_at }),
  });
}

async function leaveFile(desk: Desk, held: Held, name: string, bytes: number): Promise<void> {
  const [key, file] = [randomUUID(), fileOf(held.lease_id, bytes)];
  const upload = { params: { id: held.lease_id, name }, query: { epoch: held.epoch }, file, idempotency_key: key };
  await desk.settle({
    operation: { op: "artifact", ...held, key, name, sha256: sha256(file) },
    call: (client, signal) => client.call("putArtifact", { ...upload, signal }),
  });
}

function releaseOf(held: Held): Call<unknown> {
  const [params, idempotency_key] = [{ id: held.lease_id }, randomUUID()];
  const body = { epoch: held.epoch };
  return {
    operation: { op: "release", ...held, key: idempotency_key },
    call: (client, signal) => client.call("release", { params, body, idempotency_key, signal }),
  };
}

async function handOver(desk: Desk, held: Held, script: Script): Promise<void> {
  const [params, idempotency_key] = [{ id: held.lease_id }, randomUUID()];
  if (script.end === "release") {
    await desk.settle(releaseOf(held));
    return;
  }
  if (script.end === "fail") {
    const error = { message: failureOf(held.lease_id), fault: "provider" as const, retry_after_s: 0.3 };
    await desk.settle({
      operation: { op: "fail", ...held, key: idempotency_key, fault: error.fault },
      call: (client, signal) =>
        client.call("fail", { params, body: { epoch: held.epoch, error }, idempotency_key, signal }),
    });
    return;
  }
  const packet = draftOf(script, held);
  const besides = besidesOf(script, held.lease_id);
  const said = { findings: findingsOf(besides), usage: besides.usage };
  const body = { epoch: held.epoch, result: script.end, packet, ...said };
  await desk.settle({
    operation: {
      op: "complete",
      ...held,
      key: idempotency_key,
      result: script.end,
      packet: packetHash(packet),
      besides,
    },
    call: (client, signal) => client.call("complete", { params, body, idempotency_key, signal }),
    answer: ({ verdict }) => ({ verdict }),
  });
}
