/** Who may make a call: the bearer of a token whose role the route names. Cookies open the pages under /admin and nothing else. */
import { ok, type Result, refused } from "@baton/domain";
import type { Route } from "@baton/domain/api";
import { authenticate, type Line, type Principal } from "@baton/pipeline";
import type { Request } from "express";

const BEARER = /^Bearer +([\x21-\x7e]{1,500})$/i;

const NO_TOKEN = refused("unauthenticated", "Send a token: Authorization: Bearer <token>.");
const BAD_TOKEN = refused("unauthenticated", "The token is not known, or it was revoked.");

/** Null only where the route is open to anyone. A bad token is refused there too: its bearer believes it to be good. */
export async function admit(line: Line, route: Route, request: Request): Promise<Result<Principal | null>> {
  const header = request.get("authorization");
  if (header === undefined) return route.roles === "anyone" ? ok(null) : NO_TOKEN;
  const token = BEARER.exec(header)?.[1];
  const who = token === undefined ? null : await authenticate(line, token);
  if (who === null) return BAD_TOKEN;
  if (route.roles === "anyone" || route.roles.includes(who.role)) return ok(who);
  return refused("forbidden", `This call is for ${route.roles.join(" and ")}; the token's role is ${who.role}.`);
}
