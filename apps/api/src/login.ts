/** Opening and closing the admin session, and how often a wrong token may be tried. */
import { ok, type Result, refused } from "@baton/domain";
import { authenticate } from "@baton/pipeline";
import type { Request } from "express";
import { rateLimit } from "express-rate-limit";
import type { Ask, Reply } from "./handlers.ts";
import { sendProblem } from "./problems.ts";
import { COOKIE, cookieOptions, openSession, SESSION_MS } from "./session.ts";

const WINDOW_S = 60;

/** Ten failures a minute from one address. */
export function loginLimit() {
  return rateLimit({
    windowMs: WINDOW_S * 1_000,
    limit: 10,
    skipSuccessfulRequests: true,
    standardHeaders: false,
    legacyHeaders: false,
    // The address is that of the connection: headers that name another one are not believed.
    validate: { xForwardedForHeader: false },
    handler: (request, response) => {
      const detail = "Too many attempts from this address. Wait a minute.";
      sendProblem(request, response, { code: "rate_limited", detail, retry_after_s: WINDOW_S });
    },
  });
}

export async function login(ask: Ask<"login">): Promise<Result<Reply<"login">>> {
  const { line, input, request, response } = ask;
  if (foreign(request)) return refused("forbidden", "Another site sent this request.");
  const who = await authenticate(line, input.token);
  if (who === null) return refused("unauthenticated", "The token is not known, or it was revoked.");
  if (who.role !== "admin") return refused("forbidden", `Only an admin can log in; the token's role is ${who.role}.`);
  const { cookie, expires } = await openSession(line, who, Date.now());
  response.cookie(COOKIE, cookie, { ...cookieOptions(request), maxAge: SESSION_MS });
  return ok({ status: 200, value: { name: who.name, expires_at: new Date(expires).toISOString() } });
}

export async function logout({ request, response }: Ask<"logout">): Promise<Result<Reply<"logout">>> {
  if (foreign(request)) return refused("forbidden", "Another site sent this request.");
  response.clearCookie(COOKIE, cookieOptions(request));
  return ok({ status: 204, value: null });
}

/** Browsers say where a request comes from; programs say nothing. */
function foreign(request: Request): boolean {
  const site = request.get("sec-fetch-site");
  return site !== undefined && site !== "same-origin" && site !== "none";
}
