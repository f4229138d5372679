/** POST /mcp: the tools of agents as a stateless MCP server. Each call goes back in through our own front door with the caller's token, so that rights, limits and idempotency are exactly those of the API. */
import { type ToolServerOptions, toolServer } from "@baton/tools";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { type AuthInfo, createMcpHandler } from "@modelcontextprotocol/server";
import express, { type Request, type RequestHandler, type Response, Router } from "express";
import { arrives, LATE } from "./body.ts";
import { parseJson } from "./json.ts";
import { knownHost, knownToken } from "./mcp-admit.ts";
import { refuseOthers } from "./methods.ts";
import type { Parts } from "./parts.ts";
import { sendProblem } from "./problems.ts";

/** An artifact of 1 MB as text of which JSON makes six characters of each, and what stands around it. */
const BODY_LIMIT = "7mb";

/** The API is in this very process: when it does not answer, it is about to end. */
const PATIENCE_MS = 2_000;

export function mcpRoutes({ line, log, hosts, uploads }: Parts): Router {
  const onError = (error: unknown) => log.warn({ error: String(error) }, "a tool failed");
  const handler = createMcpHandler(({ authInfo }) => toolServer({ ...bearerOf(authInfo), onError }), {
    // The list of tools never changes: nobody has to keep a stream open to hear that it did.
    maxSubscriptions: 0,
    onerror: (error) => log.debug({ error: error.message }, "an MCP request was refused"),
  });
  const serve = toNodeHandler(handler, { onerror: onError });
  const router = Router({ caseSensitive: true, strict: true });
  router.use("/mcp", named);
  router.post(
    "/mcp",
    knownHost(hosts),
    knownToken(line),
    readMessage(uploads.body_ms),
    (request: Request, response: Response) => serve(withAddress(request), response, request.body),
  );
  router.all("/mcp", refuseOthers(["POST"]));
  return router;
}

const named: RequestHandler = (_request, response, next) => {
  response.locals.route = "/mcp";
  next();
};

function readMessage(within_ms: number): RequestHandler {
  const raw = express.raw({ type: "application/json", limit: BODY_LIMIT, inflate: false });
  return async (request, response, next) => {
    if (!(await arrives(raw, request, response, within_ms))) return sendProblem(request, response, LATE.problem);
    const bytes: unknown = request.body;
    if (!Buffer.isBuffer(bytes)) return sendProblem(request, response, JSON_ONLY);
    const message = parseJson(bytes);
    if (!message.ok) return sendProblem(request, response, message.problem);
    request.body = message.value;
    next();
  };
}

const JSON_ONLY = { code: "unsupported_media_type", detail: "Send a JSON-RPC message as application/json." } as const;

/** Where the request came in is where the API listens. */
function withAddress(request: Request): Request & { auth?: AuthInfo } {
  const asked: Request & { auth?: AuthInfo } = request;
  const { localAddress = "127.0.0.1", localPort } = request.socket;
  const host = localAddress.includes(":") ? `[${localAddress}]` : localAddress;
  if (asked.auth) asked.auth.extra = { url: `http://${host}:${localPort}` };
  return asked;
}

function bearerOf(auth: AuthInfo | undefined): Omit<ToolServerOptions, "onError"> {
  const url = auth?.extra?.url;
  if (auth === undefined || typeof url !== "string") throw new Error("an MCP request came past the door");
  return { url, token: auth.token, patience_ms: PATIENCE_MS };
}
