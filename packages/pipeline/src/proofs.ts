/** Proofs: files that show that work was done. As with artifacts the bytes are there before the row; who may say what about them is decided here. */
import {
  countProofs,
  type Db,
  insertProof,
  lockProofsOf,
  type NewProof,
  newId,
  type ProofRow,
  proofOfLease,
  proofOfOrigin,
  useBlob,
} from "@baton/db";
import { type LeaseRef, ok, PROOFS_MAX, proofKindOf, type Result, refused, type Stage } from "@baton/domain";
import type { AddProof } from "@baton/domain/api";
import type { ArtifactStore, Received } from "@baton/store";
import { findHeld, type Held, LOST } from "./held.ts";
import type { Line } from "./line.ts";
import { NO_TASK } from "./look.ts";
import type { Principal } from "./principal.ts";

/** What is said of a file that has arrived. */
export interface ProofInput extends Omit<AddProof, "name"> {
  /** The task. */
  id: string;
  name: string;
  media_type: string;
}

export interface AddedProof {
  proof: ProofRow;
  visit: number | null;
  /** False when it was there before: nothing was written then. */
  fresh: boolean;
}

/** Whether there is a point in keeping the file: refused as `addProof` would refuse it, and binding for nobody. */
export async function checkProof(
  line: Line,
  who: Principal,
  input: ProofInput,
  { size_bytes }: Received,
): Promise<Result<null>> {
  if (size_bytes === 0) return EMPTY;
  const author = await authorOf(line, who, input);
  return author.ok ? ok(null) : author;
}

const EMPTY = refused("invalid_request", "The file is empty: it proves nothing.");

/**
 * Records a file that lies in the store already. Refused with `lease_lost` when the lease is not the task's current one,
 * `too_many`, `forbidden`, `invalid_request` or `not_found`; then nothing is to be seen of it.
 */
export async function addProof(
  line: Line,
  who: Principal,
  input: ProofInput,
  received: Received,
): Promise<Result<AddedProof>> {
  if (received.size_bytes === 0) return EMPTY;
  const author = await authorOf(line, who, input);
  if (!author.ok) return author;
  const { held, ...said } = author.value;
  const { name, media_type, kind = proofKindOf(name, media_type), summary = name, origin = null } = input;
  const file = { kind, name, summary, media_type, origin };
  const place = { id: newId(), workspace_id: who.workspace_id, task_id: input.id };
  const proof = { ...place, ...said, ...file, lease: held?.lease ?? null };
  const added = await line.db.transaction((tx) => record(tx, line.store, proof, received));
  return added.ok ? ok({ ...added.value, visit: held?.row.visit ?? null }) : added;
}

interface Author {
  created_by: string;
  source: ProofRow["source"];
  stage: Stage | null;
  /** Null for persons. */
  held: Held | null;
}

/** Agents speak under their lease, persons for themselves; only persons bring files in afterwards. */
async function authorOf(line: Line, who: Principal, input: ProofInput): Promise<Result<Author>> {
  const { id, stage, lease_id, epoch, origin } = input;
  if (lease_id === undefined || epoch === undefined) {
    if (who.role === "agent") return NO_LEASE;
    return ok({ created_by: who.name, source: "person", stage: stage ?? null, held: null });
  }
  if (who.role === "producer") return refused("forbidden", "Leases are for agents; leave lease_id and epoch out.");
  if (origin !== undefined) return refused("forbidden", "origin is for files that are taken in without a lease.");
  const held = await findHeld(line, who, { lease_id, epoch });
  if (!held.ok) return held;
  const { row, agent } = held.value;
  if (row.id !== id) return refused("not_found", "The task has no such lease.");
  if (stage !== undefined && stage !== row.stage)
    return refused("invalid_request", `The lease is for ${row.stage}: leave stage out, or say ${row.stage}.`);
  return ok({ created_by: agent.id, source: "agent", stage: null, held: held.value });
}

const NO_LEASE = refused("invalid_request", "Agents leave proofs under the lease that they hold: name it.", {
  errors: [
    { pointer: "/query/lease_id", detail: "is missing" },
    { pointer: "/query/epoch", detail: "is missing" },
  ],
});

/** A proof whose bytes are on their way. */
export type ToldProof = Omit<NewProof, "checksum" | "size_bytes">;

/** In one transaction; `received` must still lie in the temporary folder. */
export async function record(
  tx: Db,
  store: ArtifactStore,
  told: ToldProof,
  received: Received,
): Promise<Result<Omit<AddedProof, "visit">>> {
  const { checksum, size_bytes } = received;
  const proof = { ...told, checksum, size_bytes };
  await lockProofsOf(tx, proof.task_id);
  const before = await sameBefore(tx, proof);
  if (before !== null) return ok({ proof: before, fresh: false });
  if ((await countProofs(tx, proof.task_id)) >= PROOFS_MAX) return TOO_MANY;
  await useBlob(tx, checksum, size_bytes);
  // A collector may have taken the file away until the row was ours. It cannot any more.
  if (!(await store.has(checksum))) await store.keep(received);
  const row = await insertProof(tx, proof);
  if (row === null) return proof.lease === null ? NO_TASK : LOST;
  return ok({ proof: row, fresh: true });
}

async function sameBefore(tx: Db, proof: NewProof): Promise<ProofRow | null> {
  const { task_id, kind, name, checksum, origin, lease, source } = proof;
  if (origin !== null) return proofOfOrigin(tx, { task_id, origin, checksum });
  const by_line: LeaseRef | null = source === "line" ? lease : null;
  return by_line && proofOfLease(tx, { task_id, lease_id: by_line.lease_id, kind, name });
}

const TOO_MANY = refused("too_many", `A task has at most ${PROOFS_MAX} proofs.`);
