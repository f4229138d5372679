/** The draft of an attempt: checkpoints of its packet and findings as they are made. Kept for the next attempt; the findings go on with the handoff. */
import { type Alive, lockDraft } from "@baton/db";
import {
  type AttemptDraft,
  addToDraft,
  DRAFT_MAX_BYTES,
  normaliseFinding,
  ok,
  PACKET_MAX_BYTES,
  type Result,
  refused,
} from "@baton/domain";
import {
  type AddFindings,
  type Checkpoint,
  type CheckpointAnswer,
  FINDINGS_MAX,
  type FindingsAnswer,
} from "@baton/domain/api";
import { directiveFor, keepAlive } from "./beat.ts";
import { findHeld, LOST } from "./held.ts";
import { inTransaction, type Line } from "./line.ts";
import type { Principal } from "./principal.ts";

type WithLease<T> = T & { lease_id: string };

const LARGE_PACKET = refused(
  "too_large",
  "The packet of the draft would be larger than 256 KB as JSON. Keep it shorter.",
);
const LARGE_DRAFT = refused(
  "too_large",
  "The draft with its findings would be larger than 1 MB as JSON. Keep the findings shorter, or large things in files.",
);
const TOO_MANY = refused("too_many", `An attempt has at most ${FINDINGS_MAX} findings.`);

/** Counts as progress when it says something new, and extends the lease as a heartbeat does. */
export async function checkpoint(
  line: Line,
  who: Principal,
  input: WithLease<Checkpoint>,
): Promise<Result<CheckpointAnswer>> {
  const saved = await save(line, who, input, { packet: input.packet });
  if (!saved.ok) return saved;
  const { alive } = saved.value;
  const [saved_at, expires_at] = [alive.now.toISOString(), alive.expires_at.toISOString()];
  return ok({ saved_at, directive: directiveFor(alive), expires_at });
}

export async function addFindings(
  line: Line,
  who: Principal,
  input: WithLease<AddFindings>,
): Promise<Result<FindingsAnswer>> {
  const findings = input.findings.map((finding) => normaliseFinding(finding, "finding"));
  const saved = await save(line, who, input, { findings });
  return saved.ok ? ok({ findings: saved.value.draft.findings }) : saved;
}

/** One at a time for a lease: two that add at the same moment both count, and none comes in between a completion and its findings. */
async function save(
  line: Line,
  who: Principal,
  { lease_id, epoch, progress }: { lease_id: string; epoch: number; progress?: string | undefined },
  more: Partial<AttemptDraft>,
): Promise<Result<{ draft: AttemptDraft; alive: Alive }>> {
  return inTransaction(line, async (tx) => {
    await lockDraft(tx.db, lease_id);
    const held = await findHeld(tx, who, { lease_id, epoch });
    if (!held.ok) return held;
    const draft = addToDraft(held.value.draft ?? null, more);
    if (draft.findings.length > FINDINGS_MAX) return TOO_MANY;
    if (bytesOf(draft.packet) > PACKET_MAX_BYTES) return LARGE_PACKET;
    if (bytesOf(draft) > DRAFT_MAX_BYTES) return LARGE_DRAFT;
    const { workspace_id } = who;
    const alive = await keepAlive(tx, { lease_id, epoch, workspace_id, progress, draft });
    return alive === null ? LOST : ok({ draft, alive });
  });
}

function bytesOf(part: AttemptDraft | AttemptDraft["packet"]): number {
  return Buffer.byteLength(JSON.stringify(part));
}
