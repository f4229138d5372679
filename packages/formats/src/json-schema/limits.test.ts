/** Untrusted schemas are refused by what they say, before anything is compiled. */
import { expect, test } from "vitest";
import { faultsInSchema, PROPERTIES_MAX, SCHEMA_MAX_BYTES } from "./limits.ts";

const told = (schema: unknown) => faultsInSchema(schema).map(({ pointer, detail }) => `${pointer} ${detail}`);

function nested(depth: number): object {
  return depth === 0 ? {} : { not: nested(depth - 1) };
}

test.each([
  {},
  { $schema: "https://json-schema.org/draft/2020-12/schema", $id: "https://example.com/a", type: "object" },
  {
    $defs: { a: { type: "string" } },
    properties: { x: { $ref: "#/$defs/a" }, y: { $ref: "#word" }, z: { $anchor: "word" } },
  },
  // A tree: each step down looks at a smaller part.
  { properties: { left: { $ref: "#" }, right: { items: { $ref: "#" } } } },
  { $defs: { "a/b c": {} }, $ref: "#/$defs/a~1b%20c" },
  { uniqueItems: true, maxItems: 1_000 },
  // Names of properties and data are not keywords.
  {
    properties: { uniqueItems: true, $ref: {} },
    const: { $ref: "http://x", $dynamicRef: "#" },
    enum: [{ uniqueItems: true }],
  },
  nested(32),
])("%j is harmless", (schema) => {
  expect(told(schema)).toEqual([]);
});

test.each([
  [5, /must be a schema/],
  [null, /must be a schema/],
  [[], /must be a schema/],
  [{ properties: { a: 5 } }, /^\/properties\/a must be a schema/],
  [{ properties: [] }, /^\/properties does not hold schemas/],
  [{ allOf: {} }, /^\/allOf does not hold schemas/],
  [{ $ref: "https://example.com/schema.json" }, /^\/\$ref must point into this schema/],
  [{ items: { $ref: "file:///etc/passwd" } }, /^\/items\/\$ref must point into this schema/],
  [{ $ref: 5 }, /^\/\$ref must point into this schema/],
  [{ $ref: "#/$defs/none" }, /^\/\$ref #\/\$defs\/none is not a schema/],
  [{ enum: [{}], $ref: "#/enum/0" }, /^\/\$ref #\/enum\/0 is not a schema/],
  [{ $ref: "#/%" }, /^\/\$ref .* is not a schema/],
  [{ $ref: "#" }, /refers to itself for ever/],
  [{ allOf: [{ $ref: "#" }] }, /refers to itself for ever/],
  [
    { $defs: { a: { anyOf: [{ $ref: "#/$defs/b" }] }, b: { not: { $ref: "#/$defs/a" } } } },
    /refers to itself for ever/,
  ],
  [{ $defs: { a: { $anchor: "a", if: { $ref: "#a" } } } }, /refers to itself for ever/],
  [{ uniqueItems: true }, /^\/uniqueItems needs maxItems/],
  [{ items: { uniqueItems: true, maxItems: 1e9 } }, /^\/items\/uniqueItems needs maxItems/],
  [{ $dynamicRef: "#a" }, /^\/\$dynamicRef is not supported/],
  [{ properties: { a: { $id: "b" } } }, /^\/properties\/a\/\$id may only stand at the top/],
  [{ $schema: "http://json-schema.org/draft-07/schema#" }, /^\/\$schema must be/],
  [{ dependencies: {} }, /^\/dependencies is of an older draft/],
  [{ properties: JSON.parse('{"__proto__": {}}') }, /__proto__/],
  [nested(33), /deeper than 32 levels/],
  [nested(50_000 / 10), /deeper than 32 levels/],
  [{ const: "x".repeat(SCHEMA_MAX_BYTES) }, /bytes long; at most 65536/],
  [{ const: "x".repeat(1_000_000) }, /bytes long; at most 65536/],
])("hostile schema %# is refused", (schema, why) => {
  expect(told(schema).join("\n")).toMatch(why);
});

test("more properties than a person would write are refused", () => {
  const properties = Object.fromEntries(Array.from({ length: PROPERTIES_MAX + 1 }, (_, at) => [`p${at}`, true]));
  expect(told({ properties }).join()).toMatch(/names 1001 properties/);
});

test("everything is told at once", () => {
  expect(told({ $ref: "http://x", uniqueItems: true, items: { $dynamicRef: "#" } })).toHaveLength(3);
});
