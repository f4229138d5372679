/** The admin session and the pages behind it: who gets in, for how long, and what the board lets them do. */
import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { serve, tokenOf } from "./testing/served.ts";

const api = await serve();
const writable = await serve({ board_write: true });
const nobody = api.as(null);

interface Login {
  status: number;
  cookie: string;
  set: string;
}

async function login(token: string, headers: Record<string, string> = {}, on = api): Promise<Login> {
  const answer = await on.as(null).call("login", { body: { token } }, headers);
  const set = answer.headers.getSetCookie()[0] ?? "";
  return { status: answer.status, set, cookie: set.split(";")[0] ?? "" };
}

const board = (cookie: string, path = "") => nobody.raw("GET", `/admin/queues${path}`, { headers: { cookie } });

test("an admin's token opens a session that shows the board", async () => {
  const { cookie, set } = await login(api.admin_token);
  expect(set).toMatch(/^baton_session=\S+; Max-Age=43200; Path=\/; Expires=.*; HttpOnly; SameSite=Strict$/);
  expect(set).not.toContain(api.admin_token);
  const page = await board(cookie);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self';");
  const queues = (await board(cookie, "/api/queues")).body as { queues: { name: string; readOnlyMode: boolean }[] };
  expect(queues.queues.map((queue) => queue.name)).toEqual(["dev", "qa", "sec", "docs"]);
  expect(queues.queues.every((queue) => queue.readOnlyMode)).toBe(true);
});

test("over TLS the cookie is kept off plain connections", async () => {
  expect((await login(api.admin_token, { "x-forwarded-proto": "https" })).set).toContain("; Secure");
});

test("to anyone without a session the board is not there, just like any page that is not", async () => {
  const missing = await nobody.raw("GET", "/no/such/page");
  const { cookie } = await login(api.admin_token);
  const token = { authorization: `Bearer ${api.admin_token}` };
  const tries = [{}, token, { cookie: "baton_session=x" }, { cookie: `${cookie}x` }, { cookie: tampered(cookie) }];
  for (const headers of tries) {
    for (const path of ["", "/", "/api/queues", "/static/js/main.js", "/queue/dev"]) {
      const answer = await nobody.raw("GET", `/admin/queues${path}`, { headers });
      expect(answer.status, JSON.stringify(headers)).toBe(404);
      expect({ ...(answer.body as object), request_id: "" }).toEqual({ ...(missing.body as object), request_id: "" });
    }
  }
});

/** The same session, said to last a year longer. */
function tampered(cookie: string): string {
  const [token_id, expires, ...rest] = cookie.split(".");
  return [token_id, Number(expires) + 31_536_000_000, ...rest].join(".");
}

test("a session that is over is refused though its signature is right", async () => {
  const { sessionKey } = await import("@baton/pipeline");
  const { cookie } = await login(api.admin_token);
  const [name_and_id = "", , nonce = ""] = cookie.split(".");
  const token_id = name_and_id.replace("baton_session=", "");
  const held = await sessionKey(api.parts.line, token_id);
  const signed = (expires: number) => {
    const claims = `${token_id}.${expires}.${nonce}`;
    return `baton_session=${claims}.${createHmac("sha256", held?.key ?? "")
      .update(claims)
      .digest("base64url")}`;
  };
  expect((await board(signed(Date.now() + 60_000))).status).toBe(200);
  expect((await board(signed(Date.now() - 1))).status).toBe(404);
});

test("a session ends with its token", async () => {
  const made = await api.admin.ok("createToken", { body: { name: "second admin", role: "admin" } });
  const { cookie } = await login(made.token);
  expect((await board(cookie)).status).toBe(200);
  await api.admin.ok("revokeToken", { params: { id: made.id } });
  expect((await board(cookie)).status).toBe(404);
});

test("only an admin can log in, and not from another site", async () => {
  expect((await login(await tokenOf(api.admin, "producer"))).status).toBe(403);
  expect((await login(api.admin_token, { "sec-fetch-site": "cross-site" })).status).toBe(403);
  expect((await login(api.admin_token, { "sec-fetch-site": "same-origin" })).status).toBe(200);
});

test("a cookie opens no call of the API", async () => {
  const { cookie } = await login(api.admin_token);
  expect((await nobody.raw("GET", "/api/projects", { headers: { cookie } })).status).toBe(401);
});

test("logging out takes the cookie away", async () => {
  const answer = await nobody.call("logout");
  expect(answer.status).toBe(204);
  expect(answer.headers.getSetCookie()[0]).toMatch(/^baton_session=; .*Expires=Thu, 01 Jan 1970/);
});

test("the page to log in with runs nothing inline and leads on when there is a session", async () => {
  const page = await nobody.raw("GET", "/admin");
  expect(page.status).toBe(200);
  expect(page.headers.get("content-security-policy")).toContain("script-src 'self';style-src 'self';");
  expect(page.text).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=/);
  for (const [, path] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect((await nobody.raw("GET", path ?? "")).status, path).toBe(200);
  }
  const { cookie } = await login(api.admin_token);
  const on = await nobody.raw("GET", "/admin", { headers: { cookie } });
  expect([on.status, on.headers.get("location")]).toEqual([303, "/admin/queues"]);
});

test("the board changes nothing unless it was allowed to, and then only from its own pages", async () => {
  const own = { "sec-fetch-site": "same-origin" };
  const pause = async (on: typeof api, more: Record<string, string>) => {
    const { cookie } = await login(on.admin_token, {}, on);
    return (await on.as(null).raw("PUT", "/admin/queues/api/queues/docs/pause", { headers: { cookie, ...more } }))
      .status;
  };
  expect(await pause(api, own)).toBe(405);
  expect(await pause(writable, { "sec-fetch-site": "cross-site" })).toBe(403);
  expect(await pause(writable, {})).toBe(403);
  const docs = writable.parts.line.producer.queues().find((queue) => queue.name === "docs");
  expect(await docs?.isPaused()).toBe(false);
  expect(await pause(writable, own)).toBe(200);
  expect(await docs?.isPaused()).toBe(true);
});

test("after ten wrong tokens in a minute an address has to wait, even with the right one", async () => {
  const tries = await Promise.all(Array.from({ length: 10 }, () => login("wrong-token", {}, writable)));
  expect(new Set(tries.map((answer) => answer.status))).toEqual(new Set([401]));
  const late = await writable.as(null).call("login", { body: { token: writable.admin_token } });
  expect(late).toMatchObject({ status: 429, problem: { code: "rate_limited" } });
  expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
});
