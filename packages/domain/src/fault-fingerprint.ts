/** Tells failures of the same kind apart from others: a name made of the fault and what the message says once everything is out of it that differs from case to case. */
import { fingerprint } from "./fingerprint.ts";
import type { Fault } from "./outcomes.ts";

export function faultFingerprint(fault: Fault, message: string): string {
  return fingerprint([fault, plainMessage(message)]);
}

/** A message may be a whole program's output; its beginning says what it is. */
const TELLING = 2_000;

/** Times, ids, paths and numbers become `#`. The order counts: what holds others is taken out first. */
function plainMessage(message: string): string {
  return message
    .slice(0, TELLING)
    .toLowerCase()
    .replace(/\d{4}-\d\d-\d\d[t ]\d\d:\d\d(:\d\d)?(\.\d+)?(z|[+-]\d\d:?\d\d)?/g, "#")
    .replace(/(?<![\w.])(?:[a-z]:|\.{1,2}|~)?(?:[\\/][^\s\\/:'"`(),;<>]+)+[\\/]?/g, "#")
    .replace(/\b[\w-]*\d[\w-]*\b/g, "#")
    .replace(/\b[0-9a-f]{7,}\b/g, "#")
    .replace(/\s+/g, " ")
    .trim();
}
