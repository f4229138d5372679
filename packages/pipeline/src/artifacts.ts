/** Artifacts: the files that an attempt leaves. First the bytes, then the row, so that no row is ever without its bytes; the lease is asked in the statement that writes it. */
import type { Readable } from "node:stream";
import {
  type ArtifactRow,
  artifactsOfTask,
  countArtifacts,
  type Db,
  findArtifact,
  holdsLease,
  insertArtifact,
  type ListedArtifact,
  lockArtifactsOf,
  newestArtifact,
  newId,
  newIdAfter,
  noteProgress,
  useBlob,
} from "@baton/db";
import {
  ATTEMPT_MAX_ARTIFACTS,
  ATTEMPT_MAX_BYTES,
  type Contract,
  type LeaseRef,
  nextPlace,
  ok,
  type Result,
  refused,
} from "@baton/domain";
import { MANIFEST_MAX, type ManifestEntry, type ManifestView } from "@baton/domain/api";
import type { ArtifactStore, Expected, Received } from "@baton/store";
import { findHeld, type Held, LOST } from "./held.ts";
import type { Line } from "./line.ts";
import { NO_TASK, visibleTask } from "./look.ts";
import type { Principal } from "./principal.ts";

/** A file as it arrives, with what was said of it. */
export interface ArrivingFile extends Expected {
  name: string;
  media_type: string;
  stream: Readable;
}

export interface PutArtifact {
  artifact: ArtifactRow;
  /** False when the same content lay under this name before: nothing was written then. */
  fresh: boolean;
}

/** Refused with `lease_lost`, `too_large`, `checksum_mismatch`, `too_many` or `request_timeout`; then nothing is to be seen of it. */
export async function putArtifact(
  line: Line,
  who: Principal,
  input: LeaseRef & ArrivingFile,
): Promise<Result<PutArtifact>> {
  const held = await findHeld(line, who, input);
  return held.ok ? putHeldArtifact(line, held.value, input) : held;
}

/** No transaction is open while the bytes arrive. A crash after them leaves an orphan, which the director collects. */
export async function putHeldArtifact(line: Line, held: Held, file: ArrivingFile): Promise<Result<PutArtifact>> {
  const taken = await line.store.receive(file.stream, file);
  if (!taken.ok) return taken;
  try {
    await line.store.keep(taken.value);
    held.has_put = true;
    return await line.db.transaction((tx) => record(tx, line.store, held, file, taken.value));
  } finally {
    await line.store.discard(taken.value);
  }
}

async function record(
  tx: Db,
  store: ArtifactStore,
  held: Held,
  { name, media_type }: ArrivingFile,
  received: Received,
): Promise<Result<PutArtifact>> {
  const { checksum, size_bytes } = received;
  const lease = { ...held.lease, task_id: held.row.id };
  await lockArtifactsOf(tx, lease.lease_id);
  const newest = await newestArtifact(tx, lease.lease_id, name);
  if (newest?.checksum === checksum && newest.media_type === media_type) {
    return (await holdsLease(tx, lease)) ? ok({ artifact: newest, fresh: false }) : LOST;
  }
  const there = await countArtifacts(tx, lease.lease_id);
  if (there.count >= ATTEMPT_MAX_ARTIFACTS) return TOO_MANY;
  if (there.size_bytes + size_bytes > ATTEMPT_MAX_BYTES) return TOO_MUCH;
  await useBlob(tx, checksum, size_bytes);
  // A collector may have taken the file away until the row was ours. It cannot any more.
  if (!(await store.has(checksum))) await store.keep(received);
  const id = newest === null ? newId() : newIdAfter(newest.id);
  const artifact = await insertArtifact(tx, {
    ...{ ...lease, id, name, media_type, checksum, size_bytes, created_by: held.agent.id },
  });
  if (artifact === null) return LOST;
  await noteProgress(tx, lease.lease_id);
  return ok({ artifact, fresh: true });
}

const TOO_MANY = refused("too_many", `An attempt leaves at most ${ATTEMPT_MAX_ARTIFACTS} artifacts.`);
const TOO_MUCH = refused("too_many", `The artifacts of an attempt are at most ${ATTEMPT_MAX_BYTES} bytes together.`);

export interface OpenedArtifact {
  artifact: ArtifactRow;
  /** Null when its bytes are not in the store, or not as many as there were: it is damaged. */
  stream: Readable | null;
}

/** The stream ends with an error, and short of its last bytes, when the content is not the one that was put. */
export async function openArtifact(
  line: Line,
  who: Principal,
  { id }: { id: string },
): Promise<Result<OpenedArtifact>> {
  const artifact = await findArtifact(line.db, who.workspace_id, id);
  if (artifact === null || (await visibleTask(line, who, artifact.task_id)) === null) {
    return refused("not_found", "There is no such artifact.");
  }
  const content = await line.store.open(artifact.checksum);
  if (content === null || content.size_bytes === artifact.size_bytes) {
    return ok({ artifact, stream: content?.stream ?? null });
  }
  content.stream.destroy();
  return ok({ artifact, stream: null });
}

export async function manifest(line: Line, who: Principal, { id }: { id: string }): Promise<Result<ManifestView>> {
  if ((await visibleTask(line, who, id)) === null) return NO_TASK;
  const { items, contracts } = await artifactsOfTask(line.db, id, MANIFEST_MAX);
  return ok({ task_id: id, artifacts: items.map((item) => entryOf(item, contracts)) });
}

function entryOf({ artifact, transfers }: ListedArtifact, contracts: Map<string, Contract>): ManifestEntry {
  const { id, name, stage, created_by, created_at, checksum, size_bytes } = artifact;
  const asked = transfers.findLast(({ schema_valid }) => schema_valid !== null);
  const contract = contracts.get(asked?.contract_id ?? "");
  return {
    ...{ id, name, source_stage: stage, created_by, checksum, size_bytes },
    destination_stages: [...new Set([nextPlace(stage), ...transfers.map((transfer) => transfer.stage)])],
    created_at: created_at.toISOString(),
    path: `/api/artifacts/${id}`,
    schema: contract?.artifacts.find((wanted) => wanted.name === name)?.schema ?? null,
    schema_valid: asked?.schema_valid ?? null,
    transferred_to: transfers.map(({ stage: to, transferred_at, transfer_checksum, status }) => ({
      ...{ stage: to, transferred_at: transferred_at.toISOString(), transfer_checksum, status },
    })),
  };
}
