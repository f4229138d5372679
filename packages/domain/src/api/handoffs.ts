/** Handoffs on the wire: looking at the packets that a task left and at their transfers, and driving one by hand. */
import { z } from "zod";
import { HANDOFF_KINDS, HANDOFF_STATES } from "../handoffs.ts";
import { PacketDraft } from "../packet.ts";
import { Id, listOf, Note, Page, PlaceName, StageName, Time } from "./fields.ts";
import { ClaimedLease, ClaimLease, CompletedLease, CompleteLease, PacketWithFindings } from "./leases.ts";

export const HandoffView = z
  .object({
    /** The id of the packet that it transfers. */
    id: Id,
    task_id: Id,
    packet_id: Id,
    from_stage: StageName,
    to_stage: PlaceName,
    /** `back`: a rejection on its way to dev. */
    kind: z.enum(HANDOFF_KINDS),
    visit: z.int(),
    state: z.enum(HANDOFF_STATES),
    offered_at: Time,
    accepted_at: Time.nullable(),
    /** The agent that holds it or held it last; an operator's token; `baton` for what comes out of the line. */
    accepted_by: z.string().nullable(),
    /** The newest lease under which it was accepted. */
    lease_id: Id.nullable(),
    ended_at: Time.nullable(),
    /** Why it failed. */
    reason: z.string().nullable(),
  })
  .meta({ id: "Handoff" });
export type HandoffView = z.infer<typeof HandoffView>;

export const HandoffAnswer = z.object({ handoff: HandoffView });
export type HandoffAnswer = z.infer<typeof HandoffAnswer>;

/** Newest first: the cursor is the id of the last item seen. */
export const ListHandoffs = z.strictObject(Page);
export type ListHandoffs = z.infer<typeof ListHandoffs>;
export const HandoffList = listOf(HandoffView);
export type HandoffList = z.infer<typeof HandoffList>;

/** Newest first: the cursor is the id of the last item seen. */
export const ListPackets = z.strictObject(Page);
export type ListPackets = z.infer<typeof ListPackets>;
export const PacketList = listOf(PacketWithFindings);
export type PacketList = z.infer<typeof PacketList>;

/** A claim of the one task whose packet is offered: its stage goes without saying. */
export const AcceptHandoff = z
  .strictObject({
    claim_id: ClaimLease.shape.claim_id,
    agent: ClaimLease.shape.agent,
    lease_s: ClaimLease.shape.lease_s,
  })
  .meta({ id: "AcceptHandoff" });
export type AcceptHandoff = z.infer<typeof AcceptHandoff>;

export const AcceptedHandoff = ClaimedLease.extend({ handoff: HandoffView }).meta({ id: "AcceptedHandoff" });
export type AcceptedHandoff = z.infer<typeof AcceptedHandoff>;

const { epoch, packet, findings, usage } = CompleteLease.shape;

export const CompleteHandoff = z.strictObject({ epoch, packet, findings, usage }).meta({ id: "CompleteHandoff" });
export type CompleteHandoff = z.infer<typeof CompleteHandoff>;

/** A rejection: the work goes back to dev. Without a packet the reason is its summary. */
export const FailHandoff = z
  .strictObject({ epoch, reason: Note, packet: PacketDraft.optional(), findings, usage })
  .meta({ id: "FailHandoff" });
export type FailHandoff = z.infer<typeof FailHandoff>;

/** The handoff that was answered. The one that opens now has the id of `packet`. */
export const AnsweredHandoff = CompletedLease.extend({ handoff: HandoffView }).meta({ id: "AnsweredHandoff" });
export type AnsweredHandoff = z.infer<typeof AnsweredHandoff>;
