/** The ways a holder ends an attempt without a verdict: fail, block, release. */
import { type Applied, findProject, openCircuit } from "@baton/db";
import { type BlockKind, type Fault, faultFingerprint, quotaWait, type Result, type Usage } from "@baton/domain";
import { endAttempt, type Held, nowBy } from "./held.ts";
import { inTransaction, type Line } from "./line.ts";
import { pauseIfFaultRepeats } from "./stages.ts";

export interface Failure {
  message: string;
  fault: Fault;
  retry_after_s?: number | undefined;
  /** What the agent pays with is used up. */
  quota?: boolean | undefined;
}

/** The attempt could not be carried out. It is tried again after a while with full jitter, or the task is failed. */
export async function failAttempt(
  line: Line,
  held: Held,
  failure: Failure,
  usage: Usage = {},
): Promise<Result<Applied>> {
  const { fault, message, retry_after_s, quota } = failure;
  if (quota && (await circuitsOn(line, held))) {
    const until_ms = retry_after_s === undefined ? null : nowBy(held) + retry_after_s * 1_000;
    return waitForQuota(line, held, { reason: message, until_ms, fault, usage, circuit: true });
  }
  const wait = retry_after_s === undefined ? {} : { retry_after_ms: retry_after_s * 1_000 };
  const fingerprint = faultFingerprint(fault, message);
  const ended = await endAttempt(
    line,
    held,
    { name: "fail", fault, message, random: Math.random(), ...wait },
    { attempt: { outcome: "fail", fault, fault_fingerprint: fingerprint, message, usage } },
  );
  if (ended.ok) await pauseIfFaultRepeats(line, held, { fault, message, fingerprint });
  return ended;
}

export interface Block {
  kind: BlockKind;
  reason: string;
  until?: Date | undefined;
}

/** The task waits for something outside the line. */
export async function blockAttempt(line: Line, held: Held, { kind, reason, until }: Block): Promise<Result<Applied>> {
  const until_ms = until === undefined ? null : storable(until.getTime());
  if (kind === "quota") {
    return waitForQuota(line, held, { reason, until_ms, circuit: await circuitsOn(line, held) });
  }
  return endAttempt(
    line,
    held,
    { name: "block", kind, reason, ...(until_ms !== null && { until_ms }) },
    { attempt: { outcome: "block", message: reason } },
  );
}

interface UsedUp {
  reason: string;
  /** Null when nobody said how long. */
  until_ms: number | null;
  fault?: Fault;
  usage?: Usage;
  /** Whether others who pay with the same wait too. */
  circuit: boolean;
}

/** It costs no attempt, and comes back by itself. The circuit opens in the same transaction: neither is there without the other. */
async function waitForQuota(line: Line, held: Held, used_up: UsedUp): Promise<Result<Applied>> {
  const { reason, fault, usage = {} } = used_up;
  const { until_ms, back_ms } = quotaWait(used_up.until_ms, nowBy(held), Math.random());
  return inTransaction(line, async (tx) => {
    const ended = await endAttempt(
      tx,
      held,
      { name: "block", kind: "quota", reason, until_ms: storable(back_ms) },
      { attempt: { outcome: "block", message: reason, usage, ...(fault && { fault }) } },
    );
    const { credential, row } = held;
    if (ended.ok && used_up.circuit && credential) {
      const until = new Date(storable(until_ms));
      await openCircuit(tx.db, { workspace_id: row.workspace_id, credential, until, reason });
    }
    return ended;
  });
}

async function circuitsOn(line: Line, { row }: Held): Promise<boolean> {
  const project = await findProject(line.db, row.workspace_id, row.project_id);
  return project?.settings.quota_circuit !== "off";
}

/** The calendar has years that the database does not write: whoever asks for them waits from the first day or to the last. */
function storable(ms: number): number {
  return Math.min(Math.max(ms, 0), Date.UTC(9999, 11, 31));
}

/** The task goes back untouched; it costs no attempt. */
export async function releaseAttempt(line: Line, held: Held): Promise<Result<Applied>> {
  return endAttempt(line, held, { name: "release" }, { attempt: { outcome: "release" } });
}
