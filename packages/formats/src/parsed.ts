/** What reading a report gives, and the reading of JSON that an agent wrote: against a schema, with a pointer to what is wrong. */
import { z } from "zod";

export type Parsed<T> = { ok: true; value: T } | { ok: false; why: string };

export function illFormed(why: string): { ok: false; why: string } {
  return { ok: false, why };
}

export function parseJson<T>(text: string, schema: z.ZodType<T>): Parsed<T> {
  const json = readJson(text);
  return json.ok ? check(json.value, schema) : json;
}

/** A list, or an object that holds one under `key` (and perhaps more, which is not looked at). */
export function parseList<T>(text: string, key: string, item: z.ZodType<T>): Parsed<T[]> {
  const json = readJson(text);
  if (!json.ok) return json;
  const list = z.array(item).max(ITEMS_MAX);
  if (Array.isArray(json.value)) return check(json.value, list);
  const held = check(json.value, z.looseObject({ [key]: z.unknown() }));
  if (!held.ok) return illFormed(`/: must be a list, or an object with a list under ${key}`);
  return check(
    json.value,
    z.object({ [key]: list }).transform((object) => object[key] ?? []),
  );
}

const ITEMS_MAX = 10_000;
const ISSUES_MAX = 5;

function check<T>(value: unknown, schema: z.ZodType<T>): Parsed<T> {
  const result = schema.safeParse(value);
  if (result.success) return { ok: true, value: result.data };
  return illFormed(result.error.issues.slice(0, ISSUES_MAX).map(describe).join("; "));
}

function readJson(text: string): Parsed<unknown> {
  try {
    return { ok: true, value: JSON.parse(text.replace(/^\uFEFF/, ""), refusePrototype) };
  } catch (error) {
    if (error instanceof RangeError) return illFormed("is nested too deeply");
    return illFormed(
      error instanceof ForbiddenKey ? error.message : `is not JSON: ${(error as Error).message.slice(0, 200)}`,
    );
  }
}

class ForbiddenKey extends Error {}

function refusePrototype(key: string, value: unknown): unknown {
  if (key === "__proto__") throw new ForbiddenKey("has a key __proto__, which is not allowed");
  return value;
}

function describe(issue: z.core.$ZodIssue): string {
  return `${pointer(issue.path)}: ${issue.message}`;
}

/** RFC 6901; the whole document is written as "/". */
function pointer(path: readonly PropertyKey[]): string {
  return `/${path.map((part) => String(part).replaceAll("~", "~0").replaceAll("/", "~1")).join("/")}`;
}
