/** The ways in which a call can end when the API does not do its part. The API is a scripted stand-in. */
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { openClient } from "@baton/client";
import { expect, onTestFinished, test } from "vitest";
import { callTool } from "./call.ts";
import type { Tool } from "./tool.ts";
import { claimTool } from "./tools/claim.ts";
import { completeTool } from "./tools/end.ts";
import { heartbeatTool } from "./tools/hold.ts";
import { artifactTool } from "./tools/leave.ts";

async function standIn(listener: RequestListener, patience_ms = 500) {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const client = openClient({ url: `http://127.0.0.1:${port}`, token: "t", patience_ms });
  const errors: unknown[] = [];
  const onError = (error: unknown) => void errors.push(error);
  const call = async (tool: Tool, args: unknown, signal = new AbortController().signal) => {
    const { content, isError } = await callTool(tool, args, { client, signal, onError });
    return { isError, text: content.map((block) => (block.type === "text" ? block.text : "")).join("\n") };
  };
  return { call, errors };
}

const held = { lease_id: "019a0000-0000-7000-8000-000000000001", epoch: 1 };
const ended = { ...held, result: "pass", packet: { output_summary: "s" } };

test("a server that never answers is given up within 25 s", { timeout: 40_000 }, async () => {
  const claimed: ClaimSent[] = [];
  const { call } = await standIn((request) => void hearClaim(request, claimed), 60_000);
  const asked = performance.now();
  const claims = call(claimTool, { stages: ["dev"], agent: { id: "a" } });
  const puts = call(artifactTool, { ...held, name: "a", text: "a" });
  for (const { isError, text } of await Promise.all([claims, puts])) {
    expect([isError, text.split("\n")[0]]).toEqual([true, "unavailable (503)"]);
    expect(text).toContain("may have been done");
  }
  expect(performance.now() - asked).toBeLessThan(25_000);
  await expect.poll(() => claimed).toEqual(askedBack(claimed));
});

interface ClaimSent {
  claim_id: string;
  wait_s: number;
}

async function hearClaim(request: IncomingMessage, claimed: ClaimSent[]): Promise<void> {
  if (request.url === "/api/leases") claimed.push((await json(request)) as ClaimSent);
}

/** The same claim twice, the second time without waiting: that is how a lease is found that is to be given back. */
function askedBack([first]: ClaimSent[]): object[] {
  return [
    { claim_id: first?.claim_id, wait_s: 20 },
    { claim_id: first?.claim_id, wait_s: 0 },
  ].map((part) => expect.objectContaining(part) as object);
}

test("a caller that goes away while it waits for work does not leave a lease behind", async () => {
  const claimed: ClaimSent[] = [];
  const { call } = await standIn((request) => void hearClaim(request, claimed));
  const away = new AbortController();
  const waiting = call(claimTool, { stages: ["dev"], agent: { id: "a" } }, away.signal);
  await expect.poll(() => claimed).toHaveLength(1);
  away.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
  await expect.poll(() => claimed).toEqual(askedBack(claimed));
});

test("a server that breaks off or is none of ours is told as away", async () => {
  const broken = await standIn((_, response) => response.destroy());
  expect((await broken.call(heartbeatTool, held)).text).toMatch(/^unavailable/);
  const other = await standIn((_, response) => void response.end("hello"));
  expect((await other.call(heartbeatTool, held)).text).toContain("What answers is not this version of Baton");
  expect([broken.errors, other.errors]).toEqual([[], []]);
});

test("a caller that goes away ends the call, and nobody is told a result", async () => {
  const { call } = await standIn(() => undefined);
  const away = new AbortController();
  const waiting = call(heartbeatTool, held, away.signal);
  away.abort(new Error("gone"));
  await expect(waiting).rejects.toThrow("gone");
});

test("what should not happen is a refusal for the agent and an error for the log", async () => {
  const { call, errors } = await standIn((_, response) => response.destroy());
  const failing = { ...heartbeatTool, run: () => Promise.reject(new Error("a secret")) };
  const { text } = await call(failing, held);
  expect(text).toMatch(/^internal \(500\)/);
  expect(text).not.toContain("secret");
  expect(errors).toMatchObject([{ message: "a secret" }]);
});

test("what ends a lease has one key for the same arguments, and a heartbeat a new one each time", async () => {
  const keys: (string | string[] | undefined)[] = [];
  const { call } = await standIn((request, response) => {
    keys.push(request.headers["idempotency-key"]);
    response.destroy();
  }, 0);
  for (const args of [ended, ended, { ...ended, epoch: 2 }]) await call(completeTool, args);
  for (const args of [held, held]) await call(heartbeatTool, args);
  const [first, again, other, beat, next] = keys;
  expect(first).toMatch(/^mcp-[0-9a-f]{64}$/);
  expect(again).toBe(first);
  expect(new Set([first, other, beat, next]).size).toBe(4);
});
