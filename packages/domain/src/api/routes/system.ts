/** Tokens, the admin session and the status. */
import { Nothing } from "../fields.ts";
import { get, post, remove } from "../route.ts";
import { StatusView } from "../status.ts";
import * as tokens from "../tokens.ts";
import { ADMINS, ANYONE, ONCE, ONE } from "./shared.ts";

const token = { ...ADMINS, tag: "tokens" } as const;

export const systemRoutes = {
  listTokens: get("/api/tokens", {
    ...token,
    summary: "List tokens",
    query: tokens.ListTokens,
    answers: { 200: tokens.TokenList },
  }),
  createToken: post("/api/tokens", {
    ...token,
    ...ONCE,
    summary: "Make a token; it is shown this once",
    body: tokens.CreateToken,
    answers: { 201: tokens.CreatedToken },
    secret: true,
  }),
  revokeToken: remove("/api/tokens/:id", {
    ...token,
    ...ONE,
    ...ONCE,
    summary: "Revoke a token",
    answers: { 204: null },
  }),
  login: post("/api/login", {
    ...ANYONE,
    summary: "Open an admin session: sets a cookie for the pages under /admin",
    body: tokens.Login,
    answers: { 200: tokens.Session },
    refusals: ["unauthenticated", "forbidden", "rate_limited"],
  }),
  logout: post("/api/logout", { ...ANYONE, summary: "Close the admin session", body: Nothing, answers: { 204: null } }),
  status: get("/api/status", {
    ...ANYONE,
    summary: "Version, back ends and the depth of each stage",
    answers: { 200: StatusView },
  }),
};
