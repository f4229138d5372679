/** The admin session: a signed cookie over the token it was opened with. It ends after twelve hours or with the token, and any process of the system can check it. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { type Line, type Principal, sessionKey } from "@baton/pipeline";
import type { CookieOptions, Request } from "express";

export const COOKIE = "baton_session";
export const SESSION_MS = 12 * 3_600_000;

const SHAPE = /^([0-9a-f-]{36})\.(\d{1,15})\.([\w-]{22})\.([\w-]{43})$/;

export async function openSession(
  line: Line,
  who: Principal,
  now: number,
): Promise<{ cookie: string; expires: number }> {
  const held = await sessionKey(line, who.token_id);
  if (held === null) throw new Error("the token of a session is gone");
  const expires = now + SESSION_MS;
  const claims = `${who.token_id}.${expires}.${randomBytes(16).toString("base64url")}`;
  return { cookie: `${claims}.${sign(held.key, claims)}`, expires };
}

/** The admin whose session the request carries; null for anyone else. */
export async function sessionHolder(line: Line, request: Request, now: number): Promise<Principal | null> {
  const [, token_id, expires, nonce, signature] = SHAPE.exec(cookieOf(request)) ?? [];
  if (token_id === undefined || signature === undefined || Number(expires) <= now) return null;
  const held = await sessionKey(line, token_id);
  if (held === null || held.who.role !== "admin") return null;
  const expected = Buffer.from(sign(held.key, `${token_id}.${expires}.${nonce}`));
  return timingSafeEqual(expected, Buffer.from(signature)) ? held.who : null;
}

export function cookieOptions(request: Request): CookieOptions {
  const tls = request.secure || request.get("x-forwarded-proto") === "https";
  return { httpOnly: true, sameSite: "strict", secure: tls, path: "/" };
}

function sign(key: string, claims: string): string {
  return createHmac("sha256", key).update(claims).digest("base64url");
}

function cookieOf(request: Request): string {
  const pairs = (request.get("cookie") ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1) ?? "";
}
