/** The work of the examining thread: reads documents, compiles schemas, validates. Nothing here has a deadline of its own. */
import type { DocumentEvidence, SchemaFault } from "@baton/domain";
import { compileSchema, validateValue } from "../json-schema/compile.ts";
import { illFormed, type Parsed } from "../parsed.ts";
import { readDocument, transform } from "../transformers/registry.ts";
import type { DocumentJob, Job } from "./job.ts";

export async function workOn(job: Job): Promise<SchemaFault[] | DocumentEvidence> {
  switch (job.kind) {
    case "schema": {
      const compiled = compileSchema(job.asked.schema);
      return compiled.ok ? [] : compiled.faults;
    }
    case "value":
      return faultsIn(job.asked.value, job.asked.schema);
    case "document":
      return documentOf(job.asked);
  }
}

/** A schema that cannot be used any more is a fault of the value: nothing passes unseen. */
function faultsIn(value: unknown, schema: unknown): SchemaFault[] {
  const compiled = compileSchema(schema);
  if (!compiled.ok) return [{ pointer: "", detail: `the schema cannot be used: ${compiled.faults[0]?.detail}` }];
  return validateValue(compiled.validate, value);
}

async function documentOf({ bytes, format, transform: name, schema }: DocumentJob): Promise<DocumentEvidence> {
  const text = decoded(bytes);
  if (!text.ok) return text;
  const formed =
    name === undefined || format === undefined ? ({ ok: true } as const) : await readDocument(format, text.value);
  if (!formed.ok) return formed;
  const read = await (name === undefined ? readDocument(format ?? "json", text.value) : transform(name, text.value));
  if (!read.ok) return read;
  return { ok: true, value: read.value, schema_faults: schema === undefined ? [] : faultsIn(read.value, schema) };
}

function decoded(bytes: Uint8Array): Parsed<string> {
  try {
    return { ok: true, value: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return illFormed("is not UTF-8");
  }
}
