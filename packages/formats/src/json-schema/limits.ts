/** What is wrong with an untrusted JSON Schema before anything is compiled: size, depth, references, and what would take for ever. */
import { pointerOf, SCHEMA_MAX_DEPTH, type SchemaFault } from "@baton/domain";
import { APPLICATORS, type Applicator, DIALECT, REFUSED } from "./keywords.ts";

export const SCHEMA_MAX_BYTES = 64 * 1024;
export const PROPERTIES_MAX = 1_000;
/** Each item is compared with each other one. */
const UNIQUE_ITEMS_MAX = 1_000;

type Path = readonly (string | number)[];
type Schema = Record<string, unknown>;

interface Walk {
  faults: SchemaFault[];
  /** Every schema in the schema, by its pointer, with those that look at the same value. */
  same_value: Map<string, string[]>;
  anchors: Map<string, string>;
  refs: { at: string; to: string }[];
  properties: number;
}

export function faultsInSchema(schema: unknown): SchemaFault[] {
  const size = sizeFault(schema);
  if (size !== null) return [size];
  const walk: Walk = { faults: [], same_value: new Map(), anchors: new Map(), refs: [], properties: 0 };
  visit(schema, [], walk);
  if (walk.properties > PROPERTIES_MAX) {
    walk.faults.push({
      pointer: "",
      detail: `names ${walk.properties} properties; at most ${PROPERTIES_MAX} are allowed`,
    });
  }
  for (const ref of walk.refs) follow(ref, walk);
  return [...walk.faults, ...circles(walk)];
}

/** Without recursion: it may be as deep as it is long. */
function sizeFault(root: unknown): SchemaFault | null {
  const open: [value: unknown, depth: number][] = [[root, 0]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [value, depth] = next;
    if (typeof value !== "object" || value === null) continue;
    if (depth > SCHEMA_MAX_DEPTH) {
      return { pointer: "", detail: `must not be nested deeper than ${SCHEMA_MAX_DEPTH} levels` };
    }
    for (const item of Object.values(value)) open.push([item, depth + 1]);
  }
  const bytes = Buffer.byteLength(JSON.stringify(root) ?? "");
  return bytes > SCHEMA_MAX_BYTES
    ? { pointer: "", detail: `is ${bytes} bytes long; at most ${SCHEMA_MAX_BYTES} are allowed` }
    : null;
}

function visit(schema: unknown, path: Path, walk: Walk): void {
  const at = pointerOf(path);
  walk.same_value.set(at, []);
  if (typeof schema === "boolean") return;
  if (!isObject(schema)) {
    walk.faults.push({ pointer: at, detail: "must be a schema: an object, true or false" });
    return;
  }
  for (const [keyword, value] of Object.entries(schema)) lookAt(keyword, value, schema, path, walk);
}

function lookAt(keyword: string, value: unknown, schema: Schema, path: Path, walk: Walk): void {
  const at = pointerOf(path);
  const refuse = (detail: string) => walk.faults.push({ pointer: pointerOf([...path, keyword]), detail });
  const refused = REFUSED.get(keyword);
  if (refused !== undefined) refuse(refused);
  if (keyword === "$id" && path.length > 0) refuse("may only stand at the top");
  if (keyword === "$schema" && value !== DIALECT && value !== `${DIALECT}#`) refuse(`must be ${DIALECT}`);
  if (keyword === "$anchor" && typeof value === "string") walk.anchors.set(value, at);
  if (keyword === "$ref") {
    if (typeof value === "string" && value.startsWith("#")) walk.refs.push({ at, to: value });
    else refuse("must point into this schema (#…): nothing is fetched");
  }
  if (keyword === "uniqueItems" && value === true && !isBelow(schema.maxItems, UNIQUE_ITEMS_MAX)) {
    refuse(`needs maxItems of at most ${UNIQUE_ITEMS_MAX} beside it`);
  }
  const applicator = APPLICATORS.get(keyword);
  if (applicator !== undefined) visitHeld(keyword, value, applicator, path, walk);
}

function visitHeld(keyword: string, value: unknown, { holds, in_place }: Applicator, path: Path, walk: Walk): void {
  const held = heldIn(value, holds);
  if (held === null) {
    walk.faults.push({ pointer: pointerOf([...path, keyword]), detail: "does not hold schemas as it should" });
    return;
  }
  if (keyword === "properties" || keyword === "patternProperties") walk.properties += held.length;
  for (const [name, schema] of held) {
    const below = [...path, keyword, ...(name === null ? [] : [name])];
    // The validator passes over a property of this name.
    if (name === "__proto__") walk.faults.push({ pointer: pointerOf(below), detail: "must not be called __proto__" });
    if (in_place) walk.same_value.get(pointerOf(path))?.push(pointerOf(below));
    visit(schema, below, walk);
  }
}

function heldIn(value: unknown, holds: Applicator["holds"]): [string | number | null, unknown][] | null {
  if (holds === "schema") return [[null, value]];
  if (holds === "schemas") return Array.isArray(value) ? [...value.entries()] : null;
  return isObject(value) ? Object.entries(value) : null;
}

/** A reference leads to a schema that was looked at, or nowhere. */
function follow({ at, to }: Walk["refs"][number], walk: Walk): void {
  const target = to === "#" ? "" : to.startsWith("#/") ? decoded(to.slice(1)) : walk.anchors.get(to.slice(1));
  if (target === undefined || !walk.same_value.has(target)) {
    walk.faults.push({ pointer: `${at}/$ref`, detail: `${to.slice(0, 200)} is not a schema in here` });
    return;
  }
  walk.same_value.get(at)?.push(target);
}

/** Schemas that lead back to themselves while they look at the same value: validation would never end. */
function circles({ same_value }: Walk): SchemaFault[] {
  const state = new Map<string, "open" | "done">();
  const found: SchemaFault[] = [];
  const enter = (at: string): void => {
    state.set(at, "open");
    for (const next of same_value.get(at) ?? []) {
      if (state.get(next) === "open") found.push({ pointer: at, detail: "refers to itself for ever" });
      else if (!state.has(next)) enter(next);
    }
    state.set(at, "done");
  };
  for (const at of same_value.keys()) if (!state.has(at)) enter(at);
  return found;
}

function decoded(pointer: string): string | undefined {
  try {
    return decodeURIComponent(pointer);
  } catch {
    return undefined;
  }
}

function isBelow(value: unknown, max: number): boolean {
  return typeof value === "number" && value >= 0 && value <= max;
}

function isObject(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
