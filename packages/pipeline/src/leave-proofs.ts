/** The line's own proofs of a hosted attempt, left while it holds its lease, so that whoever claims next is told of them. */
import { Readable } from "node:stream";
import { newId } from "@baton/db";
import { type LeftProof, ok, type Result } from "@baton/domain";
import type { Held } from "./held.ts";
import type { Assignment } from "./hosted.ts";
import { untilThere } from "./keep-file.ts";
import type { Line } from "./line.ts";
import { type AddedProof, record } from "./proofs.ts";

interface Leaving {
  limit_bytes: number;
  signal: AbortSignal;
}

/** One after the other. What cannot be kept is told to `onRefused` and costs the attempt nothing. */
export async function leaveProofs(
  line: Line,
  { held }: Assignment,
  proofs: readonly LeftProof[],
  { limit_bytes, signal, onRefused }: Leaving & { onRefused: (proof: LeftProof, why: unknown) => void },
): Promise<void> {
  for (const proof of proofs) {
    try {
      const left = await untilThere(signal, () => leaveProof(line, held, proof, limit_bytes));
      if (!left.ok) onRefused(proof, new Error(left.problem.code));
    } catch (error) {
      onRefused(proof, error);
    }
  }
}

/** Once for each kind and name of an attempt, however often it is told. Refused with `lease_lost`, `too_large` or `too_many`. */
export async function leaveProof(
  line: Line,
  { row, agent, lease }: Held,
  { content, ...file }: LeftProof,
  limit_bytes: number,
): Promise<Result<AddedProof>> {
  const taken = await line.store.receive(Readable.from([content]), { limit_bytes });
  if (!taken.ok) return taken;
  try {
    await line.store.keep(taken.value);
    const place = { id: newId(), workspace_id: row.workspace_id, task_id: row.id, lease, stage: null, origin: null };
    const told = { ...place, ...file, created_by: agent.id, source: "line" as const };
    const added = await line.db.transaction((tx) => record(tx, line.store, told, taken.value));
    return added.ok ? ok({ ...added.value, visit: row.visit }) : added;
  } finally {
    await line.store.discard(taken.value);
  }
}
