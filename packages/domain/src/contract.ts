/** Contracts: what the handoff from one stage to the next must carry. Owns the shape and the four that ship with the product; `check-handoff.ts` holds a handoff against one. */
import { z } from "zod";
import { ArtifactName } from "./artifact-name.ts";
import type { Fault } from "./outcomes.ts";
import { nextPlace, type Place, STAGES, type Stage } from "./stages.ts";
import { freeObjectWithin, text } from "./text.ts";

/** Documents that can be read and looked into. Each has a reader in packages/formats. */
export const DOCUMENT_FORMATS = [
  "json",
  "yaml",
  /** Seen as `{front_matter, body}`. */
  "markdown_front_matter",
  /** Seen as `{total, passed, failed, skipped, findings}`. */
  "junit_xml",
  /** Seen as `{findings}`. */
  "sarif",
  /** Seen as `{coverage}`: the percentage of lines, or null. */
  "coverage_summary",
] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];

/** The stages between which there is a handoff, in the order of the line. */
export const CONTRACT_EDGES: readonly { from: Stage; to: Place }[] = STAGES.map((from) => ({
  from,
  to: nextPlace(from),
}));

export const SCHEMA_MAX_DEPTH = 32;

/** A JSON Schema 2020-12. Whether it is a good and harmless one is for packages/formats to say. */
const JsonSchema = freeObjectWithin(SCHEMA_MAX_DEPTH);

/** A JSON pointer (`/totals/failed`) or the same with dots (`totals.failed`). */
const FieldPath = text(500);
const FieldPaths = z.array(FieldPath).max(200);

export const ContractArtifact = z.strictObject({
  /** The name under which the attempt has to put it. */
  name: ArtifactName,
  /** Its media type, such as `application/json` or `text/*`; parameters are not looked at. */
  type: z
    .string()
    .max(200)
    .regex(/^[\w.+-]+\/([\w.+-]+|\*)$/, "must be a media type such as application/json or text/*")
    .optional(),
  /** It must be readable as this. `schema` and `required_fields` look at what is read; without a format they take it for JSON. */
  format: z.enum(DOCUMENT_FORMATS).optional(),
  /** JSON Schema 2020-12 for what is read. */
  schema: JsonSchema.optional(),
  /** Fields that must be there and not be null. */
  required_fields: FieldPaths.optional(),
  /** False: it may be left out; if it is there, all that is said here holds. */
  required: z.boolean().default(true),
  /** False: whatever is wrong with it is a warning, which rides along in the packet. */
  critical: z.boolean().default(true),
  /** In percent of lines: what is read must say how much is covered, or the packet's `output_metrics.coverage` must. */
  minimum_test_coverage: z.number().min(0).max(100).optional(),
  /** A transformer, `from_to_to`, through which the content is read before `schema` and `required_fields` look at it. */
  transform: z
    .string()
    .max(100)
    .regex(/^[a-z]+(_[a-z]+)*_to_[a-z]+(_[a-z]+)*$/, "must be the name of a transformer such as yaml_to_json")
    .optional(),
  /** What it refers to and is worth nothing without: names of other artifacts here, or (with a leading slash) fields of the packet. */
  depends_on: FieldPaths.optional(),
});
export type ContractArtifact = z.infer<typeof ContractArtifact>;

export const Contract = z
  .strictObject({
    artifacts: z
      .array(ContractArtifact)
      .max(100)
      .default(() => []),
    /** What the packet itself must carry. The schema sees it as it is handed in, with its defaults. */
    packet: z.strictObject({ schema: JsonSchema.optional(), required_fields: FieldPaths.optional() }).optional(),
    /** What the stage that works under this contract must be given to begin: the handoff before it is held to this. */
    input: z
      .strictObject({ artifacts: z.array(ArtifactName).max(100).optional(), required_fields: FieldPaths.optional() })
      .optional(),
    /**
     * How long an attempt may take from its claim to a handoff that keeps the contract. After that the director ends it,
     * unless `if_missing` is `warn`, when nobody waits for anything.
     */
    timeout_minutes: z.number().min(0.1).max(43_200).optional(),
    /**
     * What it means that a required artifact is not there when the attempt is completed.
     * - `fail`: the handoff is refused (422), the agent may mend it while it holds the lease. When the time is up, or
     *   nobody is there to mend it, the attempt ends by the task's own fault: it is charged, and the last one parks the task.
     * - `retry`: refused just so. Then the attempt ends without a charge and the task is worked again.
     * - `warn`: the handoff is accepted, and the warning rides along.
     */
    if_missing: z.enum(["retry", "fail", "warn"]).default("fail"),
  })
  .superRefine(refersToItself)
  .meta({ id: "ContractDefinition" });
export type Contract = z.infer<typeof Contract>;
/** As a person writes it: with the defaults left out. */
export type ContractInput = z.input<typeof Contract>;

interface Names {
  artifacts: readonly { name: string; depends_on?: readonly string[] | undefined }[];
}

/** A name twice, or a dependency on what the contract does not name, is a slip of the pen: better said now than at each handoff. */
function refersToItself({ artifacts }: Names, context: z.RefinementCtx): void {
  const names = artifacts.map(({ name }) => name);
  for (const [at, { name, depends_on = [] }] of artifacts.entries()) {
    if (names.indexOf(name) !== at) {
      context.addIssue({ code: "custom", path: ["artifacts", at, "name"], message: "is named twice" });
    }
    for (const [which, other] of depends_on.entries()) {
      if (other.startsWith("/") || (other !== name && names.includes(other))) continue;
      const path = ["artifacts", at, "depends_on", which];
      context.addIssue({ code: "custom", path, message: "is neither another artifact of this contract nor a pointer" });
    }
  }
}

const SUMMARY = ["/output_summary"];

/** In force until a project has one of its own. It asks only for what the line itself leaves, so that a bare packet passes. */
export const DEFAULT_CONTRACT: Contract = {
  artifacts: [],
  packet: { required_fields: SUMMARY },
  input: { required_fields: SUMMARY },
  if_missing: "fail",
};

/** Whose fault it is when an attempt ends because its handoff does not keep the contract. Only the task's own is charged. */
export function faultOfBroken({ if_missing }: Pick<Contract, "if_missing">): Fault {
  return if_missing === "retry" ? "contract" : "task";
}

/** A contract as it holds for an attempt. Version 0, without an id, is the one that ships with the product. */
export interface ContractInForce {
  id: string | null;
  version: number;
  definition: Contract;
}

export const PRODUCT_CONTRACT: ContractInForce = { id: null, version: 0, definition: DEFAULT_CONTRACT };
