/** Proofs on the wire: what may be said of a file that is taken in as evidence, and how a history of them looks. */
import { z } from "zod";
import { ArtifactName } from "../artifact-name.ts";
import { CONTEXT_BUDGET, PROOF_KINDS, PROOF_SOURCES, ProofSummary } from "../proof.ts";
import { text } from "../text.ts";
import { EpochInQuery } from "./artifacts.ts";
import { Id, listOf, Page, StageName, Time } from "./fields.ts";

/** Where a file that is taken in afterwards lay; with the task and its content it makes the proof what it is. */
const Origin = text(800).refine((value) => !/\p{Cc}/u.test(value), "must be one line without control characters");

/** In the query, or as fields of a form. What is left out is guessed (kind), or the name of the file (name, summary). */
export const AddProof = z
  .strictObject({
    kind: z.enum(PROOF_KINDS).optional(),
    name: ArtifactName.optional(),
    summary: ProofSummary.optional(),
    stage: StageName.optional(),
    /** Agents leave proofs under their lease, which says the stage. */
    lease_id: Id.optional(),
    epoch: EpochInQuery.optional(),
    /** For admins and producers. */
    origin: Origin.optional(),
  })
  .refine(({ lease_id, epoch }) => (lease_id === undefined) === (epoch === undefined), {
    message: "must come together with lease_id",
    path: ["epoch"],
  });
export type AddProof = z.infer<typeof AddProof>;

const BUDGET_MAX = 20_000;

const Budget = z
  .union(
    [
      z.int(),
      z
        .string()
        .regex(/^\d{1,5}$/)
        .transform(Number),
    ],
    "must be a whole number",
  )
  .pipe(z.int().min(1).max(BUDGET_MAX))
  .default(CONTEXT_BUDGET)
  .meta({ override: ({ jsonSchema }: { jsonSchema: object }) => asTokens(jsonSchema) });

function asTokens(jsonSchema: { anyOf?: unknown }): void {
  delete jsonSchema.anyOf;
  Object.assign(jsonSchema, { type: "integer", minimum: 1, maximum: BUDGET_MAX });
}

export const ListProofs = z.strictObject({
  ...Page,
  kind: z.enum(PROOF_KINDS).optional(),
  stage: StageName.optional(),
  /** `context`: plain text for agents, one line each, the newest first, as many as the budget holds; there are no pages then. */
  format: z.enum(["json", "context"]).default("json"),
  /** In tokens, estimated as a quarter of the bytes. */
  budget: Budget,
});
export type ListProofs = z.infer<typeof ListProofs>;

export const ProofParams = z.strictObject({ id: Id, proof_id: Id });

export const ProofView = z
  .object({
    id: Id,
    project_id: Id,
    task_id: Id,
    run_id: Id.nullable(),
    stage: StageName.nullable(),
    /** Of the attempt that left it; null when a person did. */
    visit: z.int().nullable(),
    lease_id: Id.nullable(),
    kind: z.enum(PROOF_KINDS),
    name: z.string(),
    summary: z.string(),
    media_type: z.string(),
    /** SHA-256 in lower-case hex. */
    checksum: z.string(),
    size_bytes: z.int(),
    created_by: z.string(),
    source: z.enum(PROOF_SOURCES),
    origin: z.string().nullable(),
    created_at: Time,
  })
  .meta({ id: "Proof" });
export type ProofView = z.infer<typeof ProofView>;

export const ProofAnswer = z.object({ proof: ProofView });
export type ProofAnswer = z.infer<typeof ProofAnswer>;
export const ProofList = listOf(ProofView);
export type ProofList = z.infer<typeof ProofList>;
