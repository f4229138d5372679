/** Leases on the wire: how an agent gets work, keeps it and hands it over. */
import { z } from "zod";
import { Contract } from "../contract.ts";
import { DIRECTIVES } from "../directive.ts";
import { KeptDraft, PartialPacket } from "../draft.ts";
import { Finding, FindingInput } from "../findings.ts";
import { FAULTS, Usage } from "../outcomes.ts";
import { Packet, PacketDraft } from "../packet.ts";
import { ProgressEvidence } from "../progress.ts";
import { BLOCK_KINDS } from "../states.ts";
import { text } from "../text.ts";
import { Id, Name, Note, PlaceName, StageName, Time } from "./fields.ts";
import { RoleBrief } from "./roles.ts";
import { TaskView } from "./tasks.ts";

export const WAIT_MAX_S = 30;

/** 1 to 200 visible ASCII characters. */
export const Key = z.string().regex(/^[\x21-\x7e]{1,200}$/, "must be 1 to 200 visible ASCII characters");

export const ClaimLease = z
  .strictObject({
    /** Made by the caller; repeating it while the lease lives gives the same lease. */
    claim_id: Key,
    stages: z
      .array(StageName)
      .min(1)
      .max(4)
      .refine((stages) => new Set(stages).size === stages.length, "must not name a stage twice"),
    agent: z.strictObject({
      id: Name,
      kind: Name.optional(),
      model: Name.optional(),
      version: Name.optional(),
      /** What it pays with, a provider or one of its credentials: when that has no quota left, the claim answers so. */
      credential: Name.optional(),
    }),
    wait_s: z.number().min(0).max(WAIT_MAX_S).default(0),
    lease_s: z.int().min(5).max(1_800).default(120),
  })
  .meta({ id: "ClaimLease" });
export type ClaimLease = z.infer<typeof ClaimLease>;

export const LeaseView = z
  .object({
    id: Id,
    task_id: Id,
    stage: StageName,
    visit: z.int(),
    attempt: z.int(),
    epoch: z.int(),
    expires_at: Time,
    heartbeat_every_s: z.number(),
  })
  .meta({ id: "Lease" });
export type LeaseView = z.infer<typeof LeaseView>;

/** The newest packet of the task, with the findings to fix after a rejection. */
export const PacketWithFindings = Packet.extend({ findings: z.array(Finding) }).meta({ id: "PacketWithFindings" });
export type PacketWithFindings = z.infer<typeof PacketWithFindings>;

export const ClaimedLease = z
  .object({
    lease: LeaseView,
    task: TaskView,
    packet: PacketWithFindings.nullable(),
    context: z.object({
      project: z.object({
        id: Id,
        name: z.string(),
        repository_url: z.string().nullable(),
        primary_branch: z.string(),
      }),
      run: z.object({ id: Id, name: z.string() }),
      acceptance_criteria: z.array(z.string()),
      findings: z.array(Finding),
      /** The newest proofs of the task, one line each, within 1,000 tokens. */
      proofs: z.array(z.string()),
      /** What the attempt before this one had to say when it ended without a verdict. */
      draft: KeptDraft.nullable(),
      /** What the handoff has to keep; holds for this lease, whatever is changed meanwhile. */
      contract: z.object({ from: StageName, to: PlaceName, version: z.int(), definition: Contract }),
      /** Whose prompt it is given. */
      role: RoleBrief,
    }),
    prompt: z.string(),
  })
  .meta({ id: "ClaimedLease" });
export type ClaimedLease = z.infer<typeof ClaimedLease>;

/** Why there was nothing to claim: the `X-Baton-Reason` of a 204. */
export const EMPTY_REASONS = ["empty", "paused", "capacity", "budget", "quota"] as const;
export type EmptyReason = (typeof EMPTY_REASONS)[number];

const Epoch = z.int().min(1);

export const Heartbeat = z
  .strictObject({
    epoch: Epoch,
    usage: Usage.optional(),
    /** What it is doing, for people. */
    progress: text(2_000).optional(),
    /** What is new of the work: a lease that lives without it is reported as stuck. */
    evidence: ProgressEvidence.optional(),
  })
  .meta({ id: "Heartbeat" });
export type Heartbeat = z.infer<typeof Heartbeat>;

/** Said once: a heartbeat with an Idempotency-Key may be repeated until its answer has come through. */
export const HeldMessage = z.object({ id: Id, text: z.string(), author: z.string(), at: Time });
export type HeldMessage = z.infer<typeof HeldMessage>;

export const HeartbeatAnswer = z.object({
  directive: z.enum(DIRECTIVES),
  expires_at: Time,
  /** USD with six digits; only where the run has a budget. */
  budget_remaining: z.string().optional(),
  /** What people have left for whoever holds the task, oldest first. */
  messages: z.array(HeldMessage),
});
export type HeartbeatAnswer = z.infer<typeof HeartbeatAnswer>;

/** Fields that are given take the place of those of the draft before; the others stay. */
export const Checkpoint = z
  .strictObject({ epoch: Epoch, packet: PartialPacket, progress: text(2_000).optional() })
  .meta({ id: "Checkpoint" });
export type Checkpoint = z.infer<typeof Checkpoint>;

export const CheckpointAnswer = z.object({ saved_at: Time, directive: z.enum(DIRECTIVES), expires_at: Time });
export type CheckpointAnswer = z.infer<typeof CheckpointAnswer>;

/** As many as a handoff may carry. */
export const FINDINGS_MAX = 500;

export const AddFindings = z
  .strictObject({ epoch: Epoch, findings: z.array(FindingInput).min(1).max(FINDINGS_MAX) })
  .meta({ id: "AddFindings" });
export type AddFindings = z.infer<typeof AddFindings>;

/** All findings of the attempt so far, each once. */
export const FindingsAnswer = z.object({ findings: z.array(Finding) });
export type FindingsAnswer = z.infer<typeof FindingsAnswer>;

export const CompleteLease = z
  .strictObject({
    epoch: Epoch,
    /** What the agent claims; the evidence can make it worse, never better. */
    result: z.enum(["pass", "reject"]),
    packet: PacketDraft,
    /** Those that were added before count as well. */
    findings: z
      .array(FindingInput)
      .max(FINDINGS_MAX)
      .default(() => []),
    usage: Usage.optional(),
  })
  .meta({ id: "CompleteLease" });
export type CompleteLease = z.infer<typeof CompleteLease>;

export const CompletedLease = z
  .object({
    task: TaskView,
    packet: PacketWithFindings,
    verdict: z.enum(["pass", "reject"]),
    reasons: z.array(z.string()),
    /** What the contract only warns of; it rides along in the packet. */
    warnings: z.array(z.object({ pointer: z.string(), detail: z.string() })),
  })
  .meta({ id: "CompletedLease" });
export type CompletedLease = z.infer<typeof CompletedLease>;

export const FailLease = z
  .strictObject({
    epoch: Epoch,
    error: z
      .strictObject({
        message: Note,
        fault: z.enum(FAULTS),
        retry_after_s: z.number().min(0).max(86_400).optional(),
        /** What the agent pays with is used up: the task waits, and so does whoever pays with the same. */
        quota: z.boolean().optional(),
      })
      .refine((error) => !error.quota || error.fault === "provider", {
        message: "is only for the fault of a provider",
        path: ["quota"],
      }),
  })
  .meta({ id: "FailLease" });
export type FailLease = z.infer<typeof FailLease>;

export const BlockLease = z
  .strictObject({
    epoch: Epoch,
    kind: z.enum(BLOCK_KINDS),
    reason: text(2_000),
    until: z.iso.datetime({ offset: true }).optional(),
  })
  .meta({ id: "BlockLease" });
export type BlockLease = z.infer<typeof BlockLease>;

export const ReleaseLease = z.strictObject({ epoch: Epoch });
export type ReleaseLease = z.infer<typeof ReleaseLease>;
