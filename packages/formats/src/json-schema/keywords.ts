/** What a JSON Schema 2020-12 is made of: where schemas lie in schemas, and whether they look at the same value or at a part of it. */

type Holds = "schema" | "schemas" | "named";

export interface Applicator {
  holds: Holds;
  /** True: applied to the same value as the schema it stands in, so that a circle of such never ends. */
  in_place: boolean;
}

const LISTED: readonly [names: string, holds: Holds, in_place: boolean][] = [
  ["allOf anyOf oneOf", "schemas", true],
  ["not if then else", "schema", true],
  ["dependentSchemas", "named", true],
  ["properties patternProperties $defs definitions", "named", false],
  ["prefixItems", "schemas", false],
  ["additionalProperties unevaluatedProperties propertyNames", "schema", false],
  ["items unevaluatedItems contains contentSchema", "schema", false],
];

export const APPLICATORS: ReadonlyMap<string, Applicator> = new Map(
  LISTED.flatMap(([names, holds, in_place]) => names.split(" ").map((name) => [name, { holds, in_place }])),
);

/** Each could make a schema mean something that cannot be seen in it. */
export const REFUSED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    $dynamicRef: "is not supported: use $ref",
    $dynamicAnchor: "is not supported: use $anchor",
    $recursiveRef: "is not supported: use $ref",
    $recursiveAnchor: "is not supported",
    $vocabulary: "is not supported",
    dependencies: "is of an older draft: use dependentSchemas or dependentRequired",
  }),
);

export const DIALECT = "https://json-schema.org/draft/2020-12/schema";
