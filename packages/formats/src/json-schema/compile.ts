/** Compiles an untrusted JSON Schema and validates against it. Takes as long as the schema makes it take: only to be called where there is a deadline. */
import { createHash } from "node:crypto";
import type { SchemaFault } from "@baton/domain";
import { type ErrorObject, type ValidateFunction } from "ajv";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { faultsInSchema } from "./limits.ts";
import { REGULAR_EXPRESSION } from "./regular-expression.ts";

type Compiled = { ok: true; validate: ValidateFunction } | { ok: false; faults: SchemaFault[] };

/** More would tell nobody more. */
const FAULTS_MAX = 50;
const COMPILED_MAX = 50;

/** By hash of the schema, the longest unused first. */
const compiled = new Map<string, Compiled>();

export function compileSchema(schema: unknown): Compiled {
  const key = createHash("sha256")
    .update(JSON.stringify(schema) ?? "")
    .digest("hex");
  const known = compiled.get(key) ?? compiledAnew(schema);
  compiled.delete(key);
  compiled.set(key, known);
  if (compiled.size > COMPILED_MAX) compiled.delete(compiled.keys().next().value ?? "");
  return known;
}

export function validateValue(validate: ValidateFunction, value: unknown): SchemaFault[] {
  if (validate(value)) return [];
  return (validate.errors ?? []).slice(0, FAULTS_MAX).map(valueFault);
}

function compiledAnew(schema: unknown): Compiled {
  const faults = faultsInSchema(schema);
  if (faults.length > 0) return { ok: false, faults: faults.slice(0, FAULTS_MAX) };
  // An instance of its own: an $id of one schema must mean nothing to another.
  const ajv = new Ajv2020({
    ...{ strict: true, strictTypes: false, strictTuples: false, strictRequired: false, allErrors: true },
    ...{ allowUnionTypes: true, inlineRefs: false, logger: false, ownProperties: true, messages: true },
    code: { regExp: REGULAR_EXPRESSION as never },
  });
  formats.default(ajv);
  try {
    if (ajv.validateSchema(schema as object) !== true) {
      return { ok: false, faults: (ajv.errors ?? []).slice(0, FAULTS_MAX).map(schemaFault) };
    }
    return { ok: true, validate: ajv.compile(schema as object) };
  } catch (error) {
    return { ok: false, faults: [{ pointer: "", detail: reason(error) }] };
  }
}

function reason(error: unknown): string {
  if (error instanceof RangeError) return "is too large or too deep to be compiled";
  return (error instanceof Error ? error.message : String(error)).slice(0, 300);
}

function schemaFault({ instancePath, message }: ErrorObject): SchemaFault {
  return { pointer: instancePath, detail: message ?? "is not a JSON Schema" };
}

/** Names what is missing or too much, which the path alone does not. */
function valueFault({ instancePath, keyword, message = "does not match", params }: ErrorObject): SchemaFault {
  const extra = { additionalProperties: "additionalProperty", unevaluatedProperties: "unevaluatedProperty" }[keyword];
  const named = extra === undefined ? "" : `: ${String(params[extra])}`;
  return { pointer: instancePath, detail: `${message}${named}`.slice(0, 500).toWellFormed() };
}
