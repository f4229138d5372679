/** What an answer may be, whatever was asked: a success in the shape that its route promises, or a refusal that is a problem and tells nothing of the inside. */
import { isDeepStrictEqual } from "node:util";
import { ProblemView, ROUTES, type Route, type RouteName } from "@baton/domain/api";
import type { Heard } from "./wire.ts";

/** Stacks, files and SQL. */
const INSIDE =
  /\n\s+at |\.[jt]s:\d+|node_modules|\bselect\b.+\bfrom\b|insert into|\brelation "|violates |syntax error at/i;

/** What is wrong with it; null when nothing is. `method`: as it was asked. */
export function faultOf(route: RouteName | "mcp" | null, method: string, heard: Heard): string | null {
  const { status, body } = heard;
  if (status >= 500) return `answers ${status}: ${body.slice(0, 300)}`;
  if (status >= 400)
    return INSIDE.test(body) ? `tells of the inside: ${body.slice(0, 500)}` : refusalFault(route, method, heard);
  return route === null || route === "mcp" ? null : answerFault(ROUTES[route], method, heard);
}

function refusalFault(
  route: RouteName | "mcp" | null,
  method: string,
  { status, headers, body }: Heard,
): string | null {
  if (method === "HEAD") return null;
  const json = parsed(body);
  // What is wrong with a message is said as the protocol wants it.
  if (route === "mcp" && isObject(json) && json.jsonrpc === "2.0" && "error" in json) return null;
  if (!headers["content-type"]?.startsWith("application/problem+json"))
    return `${status} is no problem+json: ${body.slice(0, 300)}`;
  const problem = ProblemView.safeParse(json);
  if (!problem.success || !isDeepStrictEqual(problem.data, json))
    return `${status} is no problem: ${body.slice(0, 300)}`;
  return problem.data.status === status ? null : `says ${problem.data.status} and is ${status}`;
}

/** To the last field. */
function answerFault(route: Route, method: string, { status, headers, body }: Heard): string | null {
  // Whoever asks for what is not `*` is told that there is something.
  if (method !== route.method.toUpperCase() || status === 304) return null;
  const schema = route.answers[status as 200 | 201 | 204];
  if (schema === undefined) return `answers ${status}, which its route does not promise: ${body.slice(0, 300)}`;
  if (schema === null || (route.text && headers["content-type"]?.startsWith("text/plain"))) return null;
  const json = parsed(body);
  const answer = schema.safeParse(json);
  if (!answer.success) return `${status} does not match its schema: ${answer.error.message.slice(0, 300)}`;
  return isDeepStrictEqual(answer.data, json)
    ? null
    : `${status} has fields that its schema does not know: ${body.slice(0, 500)}`;
}

export function parsed(body: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
