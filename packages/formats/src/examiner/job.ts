/** What the examining thread is asked and how it answers. */
import type { DocumentEvidence, DocumentFormat, SchemaFault } from "@baton/domain";

export interface DocumentJob {
  bytes: Uint8Array;
  format?: DocumentFormat | undefined;
  transform?: string | undefined;
  schema?: unknown;
}

/** By what is asked. */
export interface Jobs {
  schema: { schema: unknown };
  value: { schema: unknown; value: unknown };
  document: DocumentJob;
}

export type Job = { [K in keyof Jobs]: { kind: K; asked: Jobs[K] } }[keyof Jobs];

export interface Answers {
  schema: SchemaFault[];
  value: SchemaFault[];
  document: DocumentEvidence;
}
