/** Holds a request against the schemas of its route. Everything wrong with it is said at once, each fault with a JSON pointer. */
import { ok, type Result, refused } from "@baton/domain";
import { type Fault, faultsOf, Nothing, pointerOf, type Route } from "@baton/domain/api";
import type { Request } from "express";
import type { z } from "zod";

/** More would tell nobody more. */
const FAULTS_MAX = 100;

/** Path, query and body in one: no call has the same name in two of them. */
export function validate(route: Route, request: Request, body: unknown): Result<Record<string, unknown>> {
  const query = queryOf(request);
  const parts = [
    check(route.params ?? Nothing, request.params, "/path"),
    check(route.query ?? Nothing, query.values, "/query"),
    check(route.body ?? Nothing, route.body ? body : {}, ""),
  ];
  const faults = [...query.faults, ...parts.flatMap((part) => part.faults)];
  return faults.length === 0 ? ok(Object.assign({}, ...parts.map((part) => part.value))) : refusedFor(faults);
}

export function refusedFor(faults: readonly Fault[]) {
  const [first] = faults;
  const more = faults.length > 1 ? ` There are ${faults.length} faults; see errors.` : "";
  const where = first?.pointer || "the body";
  return refused("invalid_request", `${where}: ${first?.detail}.${more}`, { errors: faults.slice(0, FAULTS_MAX) });
}

/** Repeated parameters are a fault: which of the two was meant? */
function queryOf(request: Request): { values: Record<string, string>; faults: Fault[] } {
  const query = new URLSearchParams(request.originalUrl.split("?").slice(1).join("?"));
  const names = [...query.keys()];
  const twice = [...new Set(names.filter((name, index) => names.indexOf(name) !== index))];
  const faults = twice.map((name) => ({ pointer: `/query${pointerOf([name])}`, detail: "is given more than once" }));
  return { values: Object.fromEntries(query), faults };
}

/** `root` stands before every pointer. */
export function check(schema: z.ZodType, value: unknown, root: string): { value: unknown; faults: Fault[] } {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data, faults: [] };
  return { value: undefined, faults: parsed.error.issues.flatMap((issue) => faultsOf(issue, root)) };
}
