/** Generated requests over every route of the table, the MCP door and paths that are nobody's: good ones, spoilt in up to four places at once. */
import type { Role } from "@baton/domain";
import { ROUTES, type Route, type RouteName } from "@baton/domain/api";
import fc from "fast-check";
import { inAHurry, spoiling, spoilt, textOf } from "./hostile.ts";
import { type Kind, knownIn, type Pool } from "./pool.ts";
import { ends, garbled, headers, queries, type Spoil, segments } from "./spoils.ts";
import { type Shape, shapeOf, valid } from "./valid.ts";
import type { Sent } from "./wire.ts";

export interface Asked extends Sent {
  /** Null where there is no route by intention. `mcp`: the door of MCP clients. */
  route: RouteName | "mcp" | null;
  /** What was spoilt. */
  how: string[];
}

export interface Tool {
  name: string;
  inputSchema: Shape;
}

export function anyRequest(pool: Pool, tools: readonly Tool[]): fc.Arbitrary<Asked> {
  const names = Object.keys(ROUTES) as RouteName[];
  const routes = names.map((name) => ({
    weight: ROUTES[name].method === "get" ? 1 : 3,
    arbitrary: toRoute(pool, name),
  }));
  return fc.oneof(
    { weight: 85, arbitrary: fc.oneof(...routes) },
    { weight: 10, arbitrary: toDoor(pool, tools) },
    { weight: 5, arbitrary: toNobody(pool) },
  );
}

/** Once in so many times. Most requests shall be wrong in one place only, so that they get past the first check. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>, in_all: number): fc.Arbitrary<T | null> =>
  fc.oneof({ weight: in_all - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });

const METHODS = [
  "GET",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "TRACE",
  "PROPFIND",
  "LINK",
  "PURGE",
  "QUERY",
];

function toRoute(pool: Pool, name: RouteName): fc.Arbitrary<Asked> {
  const route: Route = ROUTES[name];
  const known = knownIn(pool, kindOf(route.path));
  const input = (schema: Route["params"]) => (schema ? valid(shapeOf(schema), known) : fc.constant({}));
  return fc
    .record({
      params: input(route.params),
      query: input(route.query),
      body: route.upload ? fc.constant({}) : input(route.body),
      file: fileOf(route),
      as: bearer(pool, route),
      spoilings: fc.array(spoiling, { maxLength: 2 }),
      text: rarely(garbled, 8),
      head: rarely(headers, 8),
      segment: rarely(segments, 12),
      end: rarely(ends, 40),
      more: route.method === "get" ? rarely(queries, 2) : rarely(queries, 12),
      method: rarely(fc.constantFrom(...METHODS), 25),
      key: rarely(fc.stringMatching(/^[\x21-\x7e]{1,200}$/), 2),
    })
    .map(({ params, query, body, file, as, spoilings, text, head, segment, end, more, method, key }) => {
      const bytes = route.upload ? file.bytes : bytesOf(route.body ? spoiltBy(body, spoilings) : null);
      const type = route.upload ? file.type : route.body ? "application/json" : null;
      const own = [
        ...as,
        ...(type === null ? [] : ["content-type", type]),
        ...(key === null ? [] : ["idempotency-key", key]),
      ];
      return {
        route: name,
        method: method ?? route.method.toUpperCase(),
        path: through(addressOf(route, params as object, query as object), segment, end, more),
        headers: head ? head.do(own) : own,
        body: text && type !== null ? text.do(bytes) : bytes,
        how: [...spoilings.map((one) => one.how), ...[text, head, segment, end, more].flatMap((one) => one?.how ?? [])],
      };
    });
}

const spoiltBy = (body: unknown, spoilings: readonly Parameters<typeof spoilt>[1][]) =>
  textOf(inAHurry(spoilings.reduce(spoilt, body)));

const bytesOf = (text: string | null) => Buffer.from(text ?? "");

function through(path: string, ...spoils: (Spoil<string> | null)[]): string {
  return spoils.reduce((one, spoil) => (spoil ? spoil.do(one) : one), path);
}

/** Mostly somebody who may; sometimes another role, nobody, or a token that is none. */
function bearer(pool: Pool, { roles }: Pick<Route, "roles">): fc.Arbitrary<string[]> {
  const may = roles === "anyone" ? (["admin"] as const) : roles;
  const as = (role: Role) => ["authorization", `Bearer ${pool.tokens[role]}`];
  const all = (Object.keys(pool.tokens) as Role[]).map(as);
  return fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(...may.map(as)) },
    { weight: 2, arbitrary: fc.constantFrom(...all) },
    { weight: 1, arbitrary: fc.constantFrom<string[][]>([], ["authorization", "Bearer nobody"]) },
  );
}

/** The things that stand before the id in the path. */
function kindOf(path: string): Kind | undefined {
  return path.split("/")[2] as Kind | undefined;
}

function addressOf({ path }: Route, params: object, query: object): string {
  const given = new Map(
    Object.entries(params).map(([name, value]) => [name, encodeURIComponent(String(value).toWellFormed())]),
  );
  const asked = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(String(value).toWellFormed())}`],
  );
  const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => given.get(name) ?? "");
  return asked.length === 0 ? filled : `${filled}?${asked.join("&")}`;
}

/** A file as it is, or in a form that may be broken. */
function fileOf({ form }: Route): fc.Arbitrary<{ bytes: Buffer; type: string }> {
  const plain = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
  const whole = plain.map((bytes) => ({ bytes, type: "application/octet-stream" }));
  if (!form) return whole;
  const field = fc.tuple(
    fc.constantFrom("file", "kind", "name", "summary", "__proto__", "a[b]", ""),
    fc.string({ maxLength: 20 }),
  );
  const parts = fc.array(field, { maxLength: 30 }).map((fields) => ({
    bytes: Buffer.from(`${fields.map(([name, text]) => part(name, text)).join("")}--edge--\r\n`),
    type: "multipart/form-data; boundary=edge",
  }));
  return fc.oneof(whole, parts);
}

function part(name: string, text: string): string {
  const file = name === "file" ? `; filename="../${text.replaceAll(/["\r\n]/g, "")}"` : "";
  return `--edge\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${text}\r\n`;
}

const DOOR = ["content-type", "application/json", "accept", "application/json, text/event-stream"];

function toDoor(pool: Pool, tools: readonly Tool[]): fc.Arbitrary<Asked> {
  const known = knownIn(pool, undefined);
  const calls = tools.map(({ name, inputSchema }) =>
    valid(inputSchema, known).map((given) => ({ method: "tools/call", params: { name, arguments: given } })),
  );
  const others = fc.constantFrom(
    "initialize",
    "ping",
    "tools/list",
    "resources/list",
    "nothing",
    "notifications/cancelled",
  );
  const message = fc.oneof(...calls, fc.record({ method: others, params: fc.constant({}) }));
  return fc
    .record({
      message,
      as: bearer(pool, { roles: ["agent", "admin"] }),
      spoilings: fc.array(spoiling, { maxLength: 2 }),
      text: rarely(garbled, 8),
      head: rarely(headers, 10),
    })
    .map(({ message: one, as, spoilings, text, head }) => {
      const bytes = bytesOf(spoiltBy({ jsonrpc: "2.0", id: 1, ...one }, spoilings));
      const own = [...as, ...DOOR];
      return {
        ...{ route: "mcp" as const, method: "POST", path: "/mcp", headers: head ? head.do(own) : own },
        body: text ? text.do(bytes) : bytes,
        how: [...spoilings.map(({ how }) => how), ...[text, head].flatMap((spoil) => spoil?.how ?? [])],
      };
    });
}

const NOWHERE = [
  ...[
    "/",
    "/api",
    "/api/",
    "/api/nothing",
    "/API/runs",
    "//api/runs",
    "/api//runs",
    "/api/runs/",
    "/mcp/",
    "/mcp/x",
    "/.env",
  ],
  ...[
    "/admin",
    "/admin/queues",
    "/admin/queues/api/queues",
    "/api/docs",
    "/api/openapi.json",
    "/healthz",
    "/readyz",
    "*",
  ],
  ...[
    "http://evil.example/api/runs",
    "/api/runs#x",
    "/%2e%2e/%2e%2e/etc/passwd",
    "/%",
    "/%00",
    "/\\..\\x",
    "/api/__proto__",
  ],
];

function toNobody(pool: Pool): fc.Arbitrary<Asked> {
  return fc
    .record({
      path: fc.oneof(fc.constantFrom(...NOWHERE), fc.webPath({ size: "small" })),
      method: fc.constantFrom(...METHODS),
      as: bearer(pool, { roles: "anyone" }),
      end: rarely(ends, 6),
      more: rarely(queries, 6),
      head: rarely(headers, 6),
    })
    .map(({ path, method, as, end, more, head }) => ({
      ...{ route: null, method, path: through(path || "/", end, more), headers: head ? head.do(as) : as, body: "" },
      how: [end, more, head].flatMap((spoil) => spoil?.how ?? []),
    }));
}
