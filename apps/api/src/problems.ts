/** Refusals and faults as application/problem+json. Which codes there are stands in the domain; what may not be told (stacks, SQL, values) stays in the log. */
import { ERRORS, type Problem } from "@baton/domain";
import type { ProblemView } from "@baton/domain/api";
import { isAway, isCollision, isStoreAway, tellable } from "@baton/pipeline";
import type { ErrorRequestHandler, Request, Response } from "express";
import type { Logger } from "pino";

export function problemView(problem: Problem, request_id?: string): ProblemView {
  const { code, detail, allowed, ...more } = problem;
  const { status, title } = ERRORS[code];
  return {
    ...{ type: `/api/docs#${code}`, title, status, detail, code, ...more },
    ...(allowed && { allowed: [...allowed] }),
    ...(request_id !== undefined && { request_id }),
  };
}

export function sendProblem(request: Request, response: Response, problem: Problem): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const view = problemView(problem, requestId(request));
  if (view.retry_after_s !== undefined) response.set("Retry-After", String(Math.max(1, Math.ceil(view.retry_after_s))));
  if (view.status === 401) response.set("WWW-Authenticate", 'Bearer realm="baton"');
  response.status(view.status).type("application/problem+json").send(JSON.stringify(view));
}

/** Set by the request log, always as text. */
function requestId({ id }: Request): string {
  return typeof id === "string" ? id : "";
}

/** The last handler: whatever was thrown becomes a problem. */
export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const problem = problemOf(error);
    if (problem.code === "internal" || isStoreAway(error)) {
      log.error({ request_id: request.id, ...tellable(error) }, "a request failed");
    }
    sendProblem(request, response, problem);
  };
}

export function problemOf(error: unknown): Problem {
  return problemOfTransport(error) ?? problemOfStorage(error) ?? BROKEN;
}

const BROKEN: Problem = { code: "internal", detail: "The request failed. The log has more under its request_id." };

function problemOfStorage(error: unknown): Problem | null {
  if (isStoreAway(error)) {
    return { code: "unavailable", detail: "The artifact store does not take or give anything now.", retry_after_s: 5 };
  }
  if (isAway(error)) {
    return {
      code: "unavailable",
      detail: "The database does not answer. Try again with the same key.",
      retry_after_s: 1,
    };
  }
  if (isCollision(error)) {
    return {
      code: "conflict",
      detail: "Somebody else changed the same thing. Nothing was done; try again.",
      retry_after_s: 1,
    };
  }
  return null;
}

/** Errors of Express and its body parser: the request could not be taken in. */
function problemOfTransport(error: unknown): Problem | null {
  if (!(error instanceof Error)) return null;
  if (error instanceof URIError) return { code: "invalid_request", detail: "The path is not properly encoded." };
  switch ("type" in error ? error.type : undefined) {
    case "entity.too.large":
      return { code: "too_large", detail: `The body is larger than ${limitOf(error)} MB.` };
    case "encoding.unsupported":
      return { code: "unsupported_media_type", detail: "Send the body without a Content-Encoding." };
    case "request.aborted":
    case "request.size.invalid":
      return { code: "request_timeout", detail: "The body did not arrive as announced." };
    default:
      return null;
  }
}

function limitOf(error: Error): number {
  return "limit" in error ? Number(error.limit) / 1024 / 1024 : 1;
}

export function notFound(request: Request, response: Response): void {
  sendProblem(request, response, { code: "not_found", detail: "There is nothing here." });
}
