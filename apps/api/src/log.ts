/** The request log: ids, method, route, status and duration. Never bodies, queries, headers or addresses. */
import { randomUUID } from "node:crypto";
import type { RequestHandler, Response } from "express";
import type { Logger } from "pino";
import { pinoHttp } from "pino-http";

const OWN_ID = /^[\w-]{1,64}$/;

/** Probes come every second and say nothing. */
const QUIET = new Set(["/healthz", "/readyz", "/metrics"]);

export function requestLog(logger: Logger): RequestHandler {
  return pinoHttp({
    logger,
    genReqId: (request, response) => {
      const given = request.headers["x-request-id"];
      const id = typeof given === "string" && OWN_ID.test(given) ? given : randomUUID();
      response.setHeader("X-Request-Id", id);
      return id;
    },
    autoLogging: { ignore: (request) => QUIET.has(request.url ?? "") },
    wrapSerializers: false,
    serializers: { req: () => undefined, res: () => undefined, err: () => undefined },
    quietReqLogger: true,
    customLogLevel: (_request, response) => (response.statusCode >= 500 ? "error" : "info"),
    customSuccessObject: (request, response, { responseTime }: { responseTime: number }) =>
      entry(request.method, response as Response, responseTime),
    customErrorObject: (request, response, _error, { responseTime }: { responseTime: number }) =>
      entry(request.method, response as Response, responseTime),
    customSuccessMessage: () => "request",
    customErrorMessage: () => "request",
    customAttributeKeys: { reqId: "request_id" },
  });
}

function entry(method: string | undefined, response: Response, duration_ms: number) {
  const { route, token_id } = response.locals as { route?: string; token_id?: string };
  // Ended by the caller before there was an answer: there is no status to tell.
  const status = response.writableEnded ? response.statusCode : null;
  return { method, route: route ?? null, status, duration_ms: Math.round(duration_ms), token_id };
}
