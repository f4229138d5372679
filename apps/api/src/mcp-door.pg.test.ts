/** Who and what gets in at /mcp: hosts, origins, tokens, methods, sizes and shapes. */
import { request } from "node:http";
import { expect, test } from "vitest";
import { connectMcp } from "./testing/mcp.ts";
import { serve, stranger } from "./testing/served.ts";
import { claimed, run } from "./testing/work.ts";

const api = await serve();
const other = await stranger(api);

const LIST = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} });
const headers = {
  authorization: `Bearer ${api.agent_token}`,
  "content-type": "application/json",
  accept: "application/json, text/event-stream",
};

/** `fetch` does not let go of Host. */
function statusFor(more: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asked = request(`${api.url}/mcp`, { method: "POST", headers: { ...headers, ...more } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asked.on("error", reject).end(LIST);
  });
}

const send = (body: string | Uint8Array<ArrayBuffer>, more: Record<string, string> = {}, method = "POST") =>
  api.as(null).raw(method, "/mcp", { headers: { ...headers, ...more }, ...(method === "POST" && { body }) });

test("a browser page from elsewhere does not get in, under whatever name it reaches us", async () => {
  expect(await statusFor({})).toBe(200);
  expect(await statusFor({ host: "localhost:1" })).toBe(200);
  expect(await statusFor({ host: "baton.example" })).toBe(200);
  expect(await statusFor({ host: "rebound.example" })).toBe(403);
  expect(await statusFor({ host: "::" })).toBe(403);
  expect(await statusFor({ origin: "http://localhost:5173" })).toBe(200);
  expect(await statusFor({ origin: "https://baton.example" })).toBe(200);
  expect(await statusFor({ origin: "https://evil.example" })).toBe(403);
  expect(await statusFor({ origin: "null" })).toBe(403);
});

test("without a token that is good there is nothing but a 401 that asks for one", async () => {
  const gone = await api.admin.ok("createToken", { body: { name: "gone", role: "agent" } });
  await api.admin.ok("revokeToken", { params: { id: gone.id } });
  for (const authorization of ["", "Bearer", "Bearer nope", "Basic eDp5", `Bearer ${gone.token}`]) {
    const answer = await send(LIST, { authorization });
    expect(answer, authorization).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    expect(answer.headers.get("www-authenticate")).toContain("Bearer");
  }
  await expect(connectMcp(api.url, null)).rejects.toThrow();
  await expect(connectMcp(api.url, "nope", "legacy")).rejects.toThrow();
});

test("a token of another workspace finds nothing of ours", async () => {
  await run(api);
  const { lease } = await claimed(api);
  const { token } = await other.ok("createToken", { body: { name: "foreign", role: "agent" } });
  const mcp = await connectMcp(api.url, token);
  const held = { lease_id: lease.id, epoch: lease.epoch };
  for (const [name, more] of [
    ["task_heartbeat", {}],
    ["task_context", {}],
    ["task_release", {}],
    ["artifact_put", { name: "a", text: "a" }],
  ] as const) {
    expect(await mcp.refused(name, { ...held, ...more }), name).toMatch(/^not_found \(404\)/);
  }
  expect(await mcp.ok("task_claim", { stages: ["dev"], agent: { id: "a" }, wait_s: 0 })).toMatchObject({ work: null });
  expect((await api.agent.call("heartbeat", { params: { id: lease.id }, body: { epoch: lease.epoch } })).status).toBe(
    200,
  );
});

test("what is no message is refused, and the server goes on", async () => {
  expect(await send("{")).toMatchObject({ status: 400, body: { code: "malformed_json" } });
  expect(await send(new Uint8Array([0xff, 0xfe]))).toMatchObject({ status: 400, body: { code: "malformed_json" } });
  expect(await send("[".repeat(200_000))).toMatchObject({ status: 400 });
  expect(await send(`${"[".repeat(5_000)}${"]".repeat(5_000)}`)).toMatchObject({ status: 400 });
  expect(await send(`{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"__proto__":{}}}`)).toMatchObject({
    status: 400,
  });
  expect(await send("null")).toMatchObject({ status: 400 });
  expect(await send("[]")).toMatchObject({ status: 400 });
  expect(await send(LIST, { "content-type": "text/plain" })).toMatchObject({ status: 415 });
  expect(await send(LIST, { "content-encoding": "gzip" })).toMatchObject({ status: 415 });
  expect(await send(LIST, { accept: "text/html" })).toMatchObject({ status: 406 });
  expect(await send(" ".repeat(7 * 1024 * 1024 + 1))).toMatchObject({ status: 413, body: { code: "too_large" } });
  for (const method of ["GET", "DELETE", "PUT"]) {
    const answer = await send("", {}, method);
    expect(answer).toMatchObject({ status: 405 });
    expect(answer.headers.get("allow")).toContain("POST");
  }
  expect(await send(LIST)).toMatchObject({ status: 200 });
  expect(api.log.filter((line) => line.includes('"level":50'))).toEqual([]);
});

test("an artifact of 1 MB fits, and what is larger is told the way over HTTP", async () => {
  await run(api);
  const { lease } = await claimed(api);
  const mcp = await connectMcp(api.url, api.agent_token);
  const held = { lease_id: lease.id, epoch: lease.epoch };
  const bytes = Buffer.alloc(1024 * 1024, 7);
  const put = await mcp.ok("artifact_put", { ...held, name: "a.bin", base64: bytes.toString("base64") });
  expect(put).toMatchObject({ artifact: { size_bytes: 1024 * 1024, media_type: "application/octet-stream" } });
  // Its JSON is six times as long.
  const long = { ...held, name: "long.txt", text: "\u0001".repeat(1024 * 1024) };
  expect(await mcp.ok("artifact_put", long)).toMatchObject({ artifact: { size_bytes: 1024 * 1024 } });
  const text = await mcp.refused("artifact_put", { ...held, name: "a.txt", text: "x".repeat(1024 * 1024 + 1) });
  expect(text).toMatch(/^too_large \(413\)/);
  expect(text).toContain(`PUT /api/leases/${lease.id}/artifacts/{name}?epoch=${lease.epoch}`);
  const odd = { ...held, name: "../x", text: "x", media_type: "a\nb" };
  expect(await mcp.refused("artifact_put", odd)).toContain("- /name:");
  expect(await mcp.ok("artifact_put", { ...odd, name: "x" })).toMatchObject({
    artifact: { media_type: "application/octet-stream" },
  });
  expect(await mcp.refused("artifact_put", { ...held, name: "x" })).toContain("as text or as base64");
});

test("nobody keeps a stream open to hear that the tools changed", async () => {
  const mcp = await connectMcp(api.url, api.agent_token);
  await expect(mcp.client.listen({ toolsListChanged: true })).rejects.toThrow("Subscription limit");
});

test("with the database away it is a 503, which is no reason to look for another token", async () => {
  await api.database_way.cut();
  expect(await send(LIST)).toMatchObject({ status: 503, body: { code: "unavailable" } });
  await api.database_way.heal();
  await expect.poll(async () => (await send(LIST)).status).toBe(200);
});
