/** Looks at what a handoff consists of: every artifact of the attempt is read again, and what the contract looks into is taken apart. Never inside a transaction: files and threads take their time. */
import { type HandoffArtifact, type HandoffParts, handoffParts, type TaskContext } from "@baton/db";
import type {
  ArtifactEvidence,
  Contract,
  ContractArtifact,
  ContractInForce,
  DocumentEvidence,
  PacketDraft,
  SchemaFault,
} from "@baton/domain";
import { type ArtifactStore, DamagedContent } from "@baton/store";
import { examiner } from "./examiner.ts";
import type { Line } from "./line.ts";
import type { Principal } from "./principal.ts";

/** A handoff as it was seen. An artifact that is put afterwards is not part of it and does not go on. */
export interface SeenHandoff {
  contract: ContractInForce;
  /** The next stage's own contract; null where the project has none of its own. */
  next_contract: Contract | null;
  artifacts: readonly ArtifactEvidence[];
  packet_faults: readonly SchemaFault[];
}

interface Asked {
  workspace_id: string;
  lease_id: string;
  packet: PacketDraft;
}

/** One query for everything. Null when the lease has ended, or is not there. */
export async function lookAtHandoff(
  line: Line,
  { workspace_id, lease_id, packet }: Asked,
): Promise<SeenHandoff | null> {
  const parts = await handoffParts(line.db, workspace_id, lease_id);
  return parts && look(line, parts, packet);
}

/** The same for a caller from outside: null for a lease that is not the caller's, of which nothing is read. */
export async function lookAtOwnHandoff(line: Line, who: Principal, asked: Omit<Asked, "workspace_id">) {
  const parts = await handoffParts(line.db, who.workspace_id, asked.lease_id);
  const own = parts !== null && (who.role === "admin" || parts.token_id === who.token_id);
  return own ? look(line, parts, asked.packet) : null;
}

/** For a hosted worker that has put nothing: the claim told it all, and nothing is asked again. */
export async function seenAtClaim(
  { contract, next_contract }: Pick<TaskContext, "contract" | "next_contract">,
  packet: PacketDraft,
): Promise<SeenHandoff> {
  return { contract, next_contract, artifacts: [], packet_faults: await faultsOfPacket(contract, packet) };
}

async function look(line: Line, parts: HandoffParts, packet: PacketDraft): Promise<SeenHandoff> {
  const { contract, next_contract } = parts;
  const artifacts: ArtifactEvidence[] = [];
  for (const artifact of parts.artifacts) {
    const wanted = contract.definition.artifacts.find(({ name }) => name === artifact.name);
    artifacts.push({ ...artifact, ...(await evidenceOf(line.store, artifact, wanted)) });
  }
  return { contract, next_contract, artifacts, packet_faults: await faultsOfPacket(contract, packet) };
}

async function faultsOfPacket({ definition }: ContractInForce, packet: PacketDraft): Promise<SchemaFault[]> {
  const schema = definition.packet?.schema;
  return schema === undefined ? [] : examiner.validate(schema, packet);
}

type Evidence = Pick<ArtifactEvidence, "stored" | "document">;

/** What is looked into is read into memory; larger ones are only checked for their bytes. */
const DOCUMENT_MAX_BYTES = 4 * 1024 * 1024;

async function evidenceOf(
  store: ArtifactStore,
  artifact: HandoffArtifact,
  wanted: ContractArtifact | undefined,
): Promise<Evidence> {
  if (wanted === undefined || !isLookedInto(wanted)) {
    return { stored: await storedAs(store, artifact), document: null };
  }
  if (artifact.size_bytes > DOCUMENT_MAX_BYTES) {
    const why = `is ${artifact.size_bytes} bytes long; at most ${DOCUMENT_MAX_BYTES} are looked into`;
    return { stored: await storedAs(store, artifact), document: { ok: false, why } };
  }
  const bytes = await bytesOf(store, artifact);
  if (typeof bytes === "string") return { stored: bytes, document: null };
  return { stored: "intact", document: await documentOf(wanted, bytes) };
}

function isLookedInto({
  format,
  schema,
  required_fields,
  transform,
  minimum_test_coverage,
}: ContractArtifact): boolean {
  return [format, schema, required_fields, transform, minimum_test_coverage].some((asked) => asked !== undefined);
}

async function documentOf(
  { format, transform, schema }: ContractArtifact,
  bytes: Uint8Array,
): Promise<DocumentEvidence> {
  return examiner.read({ bytes, format, transform, schema });
}

async function storedAs(store: ArtifactStore, artifact: HandoffArtifact): Promise<Evidence["stored"]> {
  const verified = await store.verify(artifact.checksum);
  if (!verified.ok) return verified.damage;
  return verified.size_bytes === artifact.size_bytes ? "intact" : "changed";
}

async function bytesOf(
  store: ArtifactStore,
  { checksum }: HandoffArtifact,
): Promise<Uint8Array | "missing" | "changed"> {
  const opened = await store.open(checksum);
  if (opened === null) return "missing";
  const pieces: Buffer[] = [];
  try {
    for await (const piece of opened.stream) pieces.push(piece as Buffer);
  } catch (error) {
    if (error instanceof DamagedContent) return "changed";
    throw error;
  }
  return Buffer.concat(pieces);
}
