/** The way of a request through the API: admit, read, validate, run once, answer. Mounts every route of the table and says what is allowed instead elsewhere. */
import { ok, type Result } from "@baton/domain";
import { ROUTES, type Route, type RouteName } from "@baton/domain/api";
import { type Line, once, type Principal } from "@baton/pipeline";
import { type Request, type Response, Router } from "express";
import type { Logger } from "pino";
import { admit } from "./admit.ts";
import { readBody } from "./body.ts";
import { type FileReply, sendFile } from "./download.ts";
import { HANDLERS } from "./handlers.ts";
import { hashOf, keyOf, noSeal, sealOf } from "./idempotency.ts";
import { lookBefore } from "./look-before.ts";
import { refuseOthers } from "./methods.ts";
import type { Parts } from "./parts.ts";
import { sendProblem } from "./problems.ts";
import { validate } from "./validate.ts";

export function apiRouter(parts: Parts): Router {
  const router = Router({ caseSensitive: true, strict: true });
  for (const [path, names] of byPath()) {
    for (const name of names) {
      router[ROUTES[name].method](path, async (request, response) => {
        const answer = await serve(parts, name, request, response);
        if (answer.ok) send(response, answer.value, parts.log);
        else sendProblem(request, response, answer.problem);
      });
    }
    router.all(path, refuseOthers(names.map((name) => ROUTES[name].method.toUpperCase())));
  }
  return router;
}

/** What goes over the wire, as it is stored for repeated requests. */
interface Wire {
  status: number;
  body: string;
  /** JSON, unless it says otherwise. */
  type?: "application/json" | "text/plain";
  headers?: Record<string, string> | undefined;
  /** Only of calls that are not repeated from what was stored. */
  file?: FileReply | undefined;
}

async function serve(parts: Parts, name: RouteName, request: Request, response: Response): Promise<Result<Wire>> {
  const route: Route = ROUTES[name];
  response.locals.route = route.path;
  const who = await admit(parts.line, route, request);
  if (!who.ok) return who;
  response.locals.token_id = who.value?.token_id;
  const body = await readBody(route, request, response, parts.uploads.body_ms);
  if (!body.ok) return body;
  const input = validate(route, request, body.value);
  if (!input.ok) return input;
  const looked = { ...input.value, ...(await lookBefore(parts.line, name, who.value, input.value)) };
  const run = (line: Line) => answerOn(line, { parts, name, who: who.value, input: looked, request, response });
  return who.value !== null && route.once && !route.upload
    ? runOnce(parts.line, who.value, name, input.value, request, run)
    : run(parts.line);
}

interface Asked {
  parts: Parts;
  name: RouteName;
  who: Principal | null;
  input: Record<string, unknown>;
  request: Request;
  response: Response;
}

async function answerOn(line: Line, { name, ...asked }: Asked): Promise<Result<Wire>> {
  // The table ties each handler to its route; from here on the schemas have made sure that the input fits.
  const handler = HANDLERS[name] as (
    ask: never,
  ) => Promise<Result<{ status: number; value: unknown; headers?: Record<string, string>; file?: FileReply }>>;
  const reply = await handler({ ...asked, line } as never);
  if (!reply.ok) return reply;
  const { status, value, headers, file } = reply.value;
  if (typeof value === "string") return ok({ status, body: value, type: "text/plain", headers });
  return ok({ status, body: value === null ? "" : JSON.stringify(value), headers, file });
}

async function runOnce(
  line: Line,
  { token_id }: Principal,
  name: RouteName,
  input: unknown,
  request: Request,
  run: (line: Line) => Promise<Result<Wire>>,
): Promise<Result<Wire>> {
  const key = keyOf(request);
  if (!key.ok) return key;
  if (key.value === null) return run(line);
  const route: Route = ROUTES[name];
  const seal = route.secret ? sealOf(request) : noSeal;
  const kept = await once(
    line,
    { token_id, route: name, key: key.value, request_hash: hashOf(name, input) },
    async (tx) => {
      const answer = await run(tx);
      return answer.ok ? ok({ status: answer.value.status, body: seal.close(answer.value.body) }) : answer;
    },
  );
  return kept.ok ? ok({ status: kept.value.status, body: seal.open(kept.value.body) }) : kept;
}

function send(response: Response, { status, body, type = "application/json", headers, file }: Wire, log: Logger): void {
  if (response.destroyed) {
    file?.stream.destroy();
    return;
  }
  if (file) {
    sendFile(response, file, log);
    return;
  }
  response.status(status).set("Cache-Control", "no-store");
  if (headers) response.set(headers);
  if (body === "" && type === "application/json") response.end();
  else response.type(type).send(body);
}

function byPath(): Map<string, RouteName[]> {
  const names = Object.keys(ROUTES) as RouteName[];
  return Map.groupBy(names, (name) => ROUTES[name].path);
}
