/** Calls the API by the names of the route table and holds every answer against its schema, to the last field. */
import { type Answer, type Given, type ProblemView, ROUTES, type Route, type RouteName } from "@baton/domain/api";
import { expect } from "vitest";

type Table = typeof ROUTES;
type Input<R> = { [K in "params" | "query" | "body" as Given<R, K> extends undefined ? never : K]?: Given<R, K> };

interface Called<N extends RouteName> {
  status: number;
  headers: Headers;
  text: string;
  /** Of an answer that is not a refusal. */
  value: Answer<Table[N]>;
  /** Of a refusal. */
  problem: ProblemView;
}

interface Raw {
  status: number;
  headers: Headers;
  text: string;
  body: unknown;
}

export interface Caller {
  call<N extends RouteName>(
    name: N,
    input?: Input<Table[NoInfer<N>]>,
    headers?: Record<string, string>,
  ): Promise<Called<NoInfer<N>>>;
  /** The answer of a call that must succeed. */
  ok<N extends RouteName>(
    name: N,
    input?: Input<Table[NoInfer<N>]>,
    headers?: Record<string, string>,
  ): Promise<Answer<Table[NoInfer<N>]>>;
  /** As it is: nothing is checked, nothing is filled in but the token. */
  raw(
    method: string,
    path: string,
    init?: { body?: RequestInit["body"]; headers?: Record<string, string> },
  ): Promise<Raw>;
}

export function caller(url: string, token: string | null): Caller {
  const bearer: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const raw: Caller["raw"] = async (method, path, { body, headers } = {}) => {
    const init = {
      method,
      headers: { ...bearer, ...headers },
      redirect: "manual" as const,
      ...(body !== undefined && { body }),
    };
    const response = await fetch(`${url}${path}`, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parsed(text) };
  };
  const call: Caller["call"] = async (name, input = {}, headers = {}) => {
    const route: Route = ROUTES[name];
    const { body } = input as { body?: unknown };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const typed = body === undefined ? headers : { "content-type": "application/json", ...headers };
    const answer = await raw(route.method.toUpperCase(), pathOf(route, input), { ...sent, headers: typed });
    const plain = answer.headers.get("content-type")?.startsWith("text/plain");
    if (answer.status < 300 && !plain) held(route, answer);
    return { ...answer, value: plain ? answer.text : (answer.body ?? null), problem: answer.body } as never;
  };
  const ok: Caller["ok"] = async (name, input, headers) => {
    const { status, text, value } = await call(name, input, headers);
    if (status >= 300) throw new Error(`${name} was refused: ${status} ${text}`);
    return value;
  };
  return { call, ok, raw };
}

/** A field that the schema does not know, or that is missing, fails the test. */
function held(route: Route, { status, body }: Raw): void {
  const schema = route.answers[status as 200 | 201 | 204];
  expect(schema, `${route.path} does not promise ${status}`).toBeDefined();
  if (schema) expect(body).toEqual(schema.parse(body));
}

function pathOf(route: Route, input: object): string {
  const { params = {}, query = {} } = input as { params?: Record<string, string>; query?: Record<string, string> };
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => params[name] ?? "");
  const search = new URLSearchParams(query).toString();
  return search === "" ? path : `${path}?${search}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
