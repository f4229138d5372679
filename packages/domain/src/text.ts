/** Text that may be stored and shown: well-formed Unicode without NUL, within a length. Everything that comes from outside passes through here. */
import { z } from "zod";

const STORABLE = "must be well-formed Unicode without NUL characters";

/** A string of 1 to `max` UTF-16 units (0 when `min` says so) that Postgres can store as it is. */
export function text(max: number, min = 1) {
  return z
    .string()
    .min(min)
    .max(max)
    .refine((value) => value.isWellFormed() && !value.includes("\0"), STORABLE);
}

/** Cuts to at most `max` UTF-16 units without splitting a character. */
export function cutText(value: string, max: number): string {
  if (value.length <= max) return value;
  const cut = value.slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** What is left of a program's output when it has to be stored: well-formed, no NUL, at most `max` units, the end kept. */
export function storableTail(value: string, max: number): string {
  const clean = value.toWellFormed().replaceAll("\0", "");
  return clean.length <= max ? clean : clean.slice(-max).toWellFormed();
}

/** USD with six digits, as a string: money is never a float. */
export const MONEY = /^\d{1,12}(\.\d{1,6})?$/;

/** Takes a non-negative number or decimal string of at most six digits after the point, gives the string with six. */
export const money = z
  .union([z.number().nonnegative().max(999_999_999_999), z.string().regex(MONEY, "must be USD such as 1.250000")])
  .transform((value) => toMoney(value))
  .pipe(z.string());

function toMoney(value: number | string): string {
  const [whole = "0", digits = ""] = (typeof value === "number" ? value.toFixed(6) : value).split(".");
  return `${whole.replace(/^0+(?=\d)/, "")}.${digits.padEnd(6, "0")}`;
}

/** JSON objects that others fill freely: bounded in depth, with storable strings and no `__proto__`. */
export function freeObjectWithin(depth: number) {
  return z.record(z.string(), z.unknown()).superRefine((value, context) => {
    const problem = unstorable(value, depth);
    if (problem) context.addIssue({ code: "custom", message: problem });
  });
}

const MAX_DEPTH = 20;

export const freeObject = freeObjectWithin(MAX_DEPTH);

function unstorable(value: unknown, max_depth: number, depth = 0): string | null {
  if (depth > max_depth) return `must not be nested deeper than ${max_depth} levels`;
  if (typeof value === "string") return value.isWellFormed() && !value.includes("\0") ? null : STORABLE;
  if (typeof value !== "object" || value === null) return null;
  for (const [key, item] of Object.entries(value)) {
    if (key === "__proto__") return "must not have a key named __proto__";
    const problem = unstorable(key, max_depth, depth) ?? unstorable(item, max_depth, depth + 1);
    if (problem) return problem;
  }
  return null;
}
