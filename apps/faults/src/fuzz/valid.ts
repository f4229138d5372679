/** Values that a JSON Schema takes: the good input that bad input is made of. Only what the schemas of the API use is understood. */
import fc from "fast-check";
import { z } from "zod";

/** What of JSON Schema 2020-12 comes out of the API's schemas. */
export interface Shape {
  type?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Shape[];
  oneOf?: Shape[];
  allOf?: Shape[];
  properties?: Record<string, Shape>;
  required?: string[];
  additionalProperties?: boolean | Shape;
  items?: Shape;
  minItems?: number;
  maxItems?: number;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  format?: string;
  $ref?: string;
  $defs?: Record<string, Shape>;
}

/** What goes in, before defaults and transformations. */
export function shapeOf(schema: z.ZodType): Shape {
  const whole = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" }) as Shape;
  return inlined(whole, whole.$defs ?? {}) as Shape;
}

/** What is named is put where it is named; none of the schemas names itself. */
function inlined(part: unknown, named: Record<string, Shape>): unknown {
  if (Array.isArray(part)) return part.map((one) => inlined(one, named));
  if (typeof part !== "object" || part === null) return part;
  const { $ref, $defs: _, ...rest } = part as Shape;
  const meant = $ref?.startsWith(REFERENCE) ? named[$ref.slice(REFERENCE.length)] : undefined;
  return Object.fromEntries(Object.entries({ ...meant, ...rest }).map(([name, one]) => [name, inlined(one, named)]));
}

const REFERENCE = "#/$defs/";

/** A field of a certain name may have values of its own: ids that are there, waits that are short. */
export type Known = (name: string) => fc.Arbitrary<unknown> | null;

const LIST_MAX = 3;
const TEXT_MAX = 40;

export function valid(shape: Shape, known: Known, name = ""): fc.Arbitrary<unknown> {
  const own = known(name);
  if (own !== null) return own;
  if (shape.const !== undefined) return fc.constant(shape.const);
  if (shape.enum) return fc.constantFrom(...shape.enum);
  const either = shape.anyOf ?? shape.oneOf ?? shape.allOf;
  if (either) return fc.oneof(...either.map((one) => valid(one, known, name)));
  switch (shape.type) {
    case "object":
      return objectOf(shape, known);
    case "array": {
      const { minItems = 0, maxItems = LIST_MAX, items = {} } = shape;
      return fc.array(valid(items, known, name), {
        minLength: minItems,
        maxLength: Math.min(maxItems, minItems + LIST_MAX),
      });
    }
    case "string":
      return textOf(shape);
    case "integer":
      return fc.integer(bounds(shape));
    case "number":
      return fc.double({ ...bounds(shape), noNaN: true });
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case undefined:
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }: Shape, known: Known) {
  const fields = Object.entries(properties).map(([name, shape]) => [name, valid(shape, known, name)] as const);
  const named = fc.record(Object.fromEntries(fields), { requiredKeys: required, noNullPrototype: true });
  if (fields.length > 0 || additionalProperties === false) return named;
  return fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), fc.jsonValue({ maxDepth: 1 }), {
    ...{ maxKeys: LIST_MAX, noNullPrototype: true },
  });
}

function textOf({ format, pattern, minLength = 0, maxLength = TEXT_MAX }: Shape): fc.Arbitrary<string> {
  if (format === "uuid") return fc.uuid();
  if (format === "date-time")
    return fc.date({ min: MILLENNIUM, max: NEXT, noInvalidDate: true }).map((at) => at.toISOString());
  if (pattern) return fc.stringMatching(new RegExp(pattern));
  return fc.string({ unit: "grapheme-ascii", minLength, maxLength: Math.min(maxLength, minLength + TEXT_MAX) });
}

const MILLENNIUM = new Date("2001-01-01");
const NEXT = new Date("2090-01-01");

/** Integers of JSON Schema go further than those of fast-check. */
function bounds({ minimum = -1_000, maximum = 1_000_000 }: Shape) {
  const min = Math.max(minimum, -1_000);
  return { min, max: Math.max(min, Math.min(maximum, 1_000_000)) };
}
