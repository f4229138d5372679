/** Artifacts on the wire: what an attempt left as files, and the manifest of where they went. The bytes themselves are no JSON. */
import { z } from "zod";
import { ArtifactName } from "../artifact-name.ts";
import { Id, PlaceName, StageName, Time } from "./fields.ts";

const EPOCH_MAX = Number.MAX_SAFE_INTEGER;

/** Arrives as text in a query; a typed client may give a number. */
export const EpochInQuery = z
  .union(
    [
      z.int(),
      z
        .string()
        .regex(/^\d{1,15}$/)
        .transform(Number),
    ],
    "must be the epoch of the lease",
  )
  .pipe(z.int().min(1).max(EPOCH_MAX))
  .meta({ override: ({ jsonSchema }: { jsonSchema: object }) => asInteger(jsonSchema) });

function asInteger(jsonSchema: { anyOf?: unknown }): void {
  delete jsonSchema.anyOf;
  Object.assign(jsonSchema, { type: "integer", minimum: 1, maximum: EPOCH_MAX });
}

export const ArtifactParams = z.strictObject({ id: Id, name: ArtifactName });
export const PutArtifact = z.strictObject({ epoch: EpochInQuery });

const Checksum = z.string().regex(/^[0-9a-f]{64}$/, "must be a SHA-256 in lower-case hex");

export const ArtifactView = z
  .object({
    id: Id,
    task_id: Id,
    lease_id: Id,
    stage: StageName,
    visit: z.int(),
    name: z.string(),
    media_type: z.string(),
    /** SHA-256 in lower-case hex. */
    checksum: Checksum,
    size_bytes: z.int(),
    /** The agent's id. */
    created_by: z.string(),
    created_at: Time,
  })
  .meta({ id: "Artifact" });
export type ArtifactView = z.infer<typeof ArtifactView>;

export const ArtifactAnswer = z.object({ artifact: ArtifactView });
export type ArtifactAnswer = z.infer<typeof ArtifactAnswer>;

const ManifestEntry = z.object({
  id: Id,
  name: z.string(),
  source_stage: StageName,
  /** Where its stage hands over to, and wherever else it went. */
  destination_stages: z.array(PlaceName),
  created_by: z.string(),
  created_at: Time,
  /** Where its bytes are to be had. */
  path: z.string(),
  checksum: Checksum,
  size_bytes: z.int(),
  /** The JSON Schema it was held against at its newest transfer; null when none was asked of it. */
  schema: z.record(z.string(), z.unknown()).nullable(),
  schema_valid: z.boolean().nullable(),
  transferred_to: z.array(
    z.object({ stage: PlaceName, transferred_at: Time, transfer_checksum: Checksum, status: z.literal("done") }),
  ),
});

/** At most the 10,000 newest artifacts of a task are listed. */
export const MANIFEST_MAX = 10_000;

export const ManifestView = z.object({ task_id: Id, artifacts: z.array(ManifestEntry) }).meta({ id: "Manifest" });
export type ManifestView = z.infer<typeof ManifestView>;
export type ManifestEntry = z.infer<typeof ManifestEntry>;
