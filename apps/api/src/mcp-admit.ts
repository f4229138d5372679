/** The door of the MCP server: the Host and Origin that browsers cannot forge, then the token. */
import { authenticate, type Line } from "@baton/pipeline";
import {
  type AuthInfo,
  localhostAllowedHostnames,
  OAuthError,
  OAuthErrorCode,
  validateHostHeader,
  validateOriginHeader,
  verifyBearerToken,
} from "@modelcontextprotocol/server";
import type { Request, RequestHandler } from "express";
import { sendProblem } from "./problems.ts";

/** A page that a browser loaded from elsewhere must not reach us under a name that its owner made up. */
export function knownHost(hosts: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const allowed = [...localhostAllowedHostnames(), ...ownAddress(request), ...hosts];
    const host = validateHostHeader(request.get("host"), allowed);
    const origin = validateOriginHeader(request.get("origin"), allowed);
    if (host.ok && origin.ok) return next();
    const detail = `${host.ok ? "The Origin" : "The Host"} is not one of ours. Name it in BATON_HOSTS if it is.`;
    sendProblem(request, response, { code: "forbidden", detail });
  };
}

function ownAddress({ socket: { localAddress } }: Request): string[] {
  if (localAddress === undefined) return [];
  const plain = localAddress.replace(/^::ffff:/, "");
  return [plain.includes(":") ? `[${plain}]` : plain];
}

/** A 401 tells MCP clients to look for a token; a database that is away is no reason to. */
export function knownToken(line: Line): RequestHandler {
  const verifier = { verifyAccessToken: (token: string) => verified(line, token) };
  return async (request: Request & { auth?: AuthInfo }, response, next) => {
    try {
      request.auth = await verifyBearerToken(request.get("authorization"), { verifier });
    } catch (error) {
      if (!(error instanceof OAuthError)) throw error;
      sendProblem(request, response, { code: "unauthenticated", detail: NO_TOKEN });
      return;
    }
    next();
  };
}

const NO_TOKEN = "Send a token that is known and not revoked: Authorization: Bearer <token>.";

/** Ours do not expire, they are revoked; the SDK wants a time. */
const GOOD_FOR_S = 60;

async function verified(line: Line, token: string): Promise<AuthInfo> {
  const who = await authenticate(line, token);
  if (who === null) throw new OAuthError(OAuthErrorCode.InvalidToken, NO_TOKEN);
  return { token, clientId: who.token_id, scopes: [who.role], expiresAt: Math.floor(Date.now() / 1_000) + GOOD_FOR_S };
}
