/** Shows the schemas of the domain to MCP clients as plain JSON Schema, short enough for a model to read. Checking arguments is `call.ts`, so that its refusals are ours. */
import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { z } from "zod";

/** Names of shared schemas would become `$ref`, which not every client follows. */
const NAMELESS = z.registry<Record<string, unknown>>();

export function advertise(schema: z.ZodObject, io: "input" | "output"): StandardSchemaWithJSON {
  const { $schema: _, ...shown } = z.toJSONSchema(schema, {
    io,
    metadata: NAMELESS,
    override: ({ zodSchema, jsonSchema }) => tidy(zodSchema, jsonSchema),
  });
  const json = () => shown;
  return {
    "~standard": {
      version: 1,
      vendor: "baton",
      validate: (value) => ({ value }),
      jsonSchema: { input: json, output: json },
    },
  };
}

function tidy(schema: z.core.$ZodType, json: z.core.JSONSchema.BaseSchema): void {
  const description = z.globalRegistry.get(schema)?.description;
  if (description !== undefined) json.description = description;
  // The format says it in one word.
  if (json.format !== undefined) delete json.pattern;
  if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
  if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
}
