/** What the client makes of answers, refusals, silence and broken connections. The server is a scripted stand-in for the outside world. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { type ClientOptions, openClient } from "./client.ts";
import { pauseMs, ServerAway } from "./patience.ts";

interface Heard {
  method: string | undefined;
  url: string | undefined;
  headers: IncomingMessage["headers"];
  body: string;
}

type Answer = (response: ServerResponse) => void;

const json =
  (status: number, value: unknown): Answer =>
  (response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
  };
const cut: Answer = (response) => response.socket?.destroy();
const problem = (status: number, code: string) =>
  json(status, { type: `/api/docs#${code}`, title: "x", status, detail: "because", code });

const id = "019a0000-0000-7000-8000-000000000001";
const feature = {
  ...{ id, project_id: id, title: "t", description: "" },
  ...{ created_at: "2026-01-01T00:00:00.000Z", updated_at: "2026-01-01T00:00:00.000Z" },
};

/** Gives the answers one after the other, the last one for ever. */
async function scripted(answers: Answer[], options: Partial<ClientOptions> = {}) {
  const heard: Heard[] = [];
  const hear = async (request: IncomingMessage, response: ServerResponse) => {
    const { method, url, headers } = request;
    heard.push({ method, url, headers, body: await text(request) });
    (answers[heard.length - 1] ?? answers.at(-1))?.(response);
  };
  const server = createServer((request, response) => void hear(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  return { heard, url, client: openClient({ url, token: "secret", ...options }) };
}

test("a call goes where the route table says, with the token", async () => {
  const { heard, client } = await scripted([json(200, { items: [feature], next_cursor: null })]);
  const answer = await client.call("listFeatures", { query: { limit: 7, project_id: id } });
  expect(answer).toMatchObject({ ok: true, value: { items: [{ title: "t" }], next_cursor: null } });
  expect(heard[0]).toMatchObject({ method: "GET", url: `/api/features?limit=7&project_id=${id}` });
  expect(heard[0]?.headers.authorization).toBe("Bearer secret");
  expect(heard[0]?.headers["idempotency-key"]).toBeUndefined();
});

test("ids in a path cannot lead elsewhere", async () => {
  const { heard, client } = await scripted([json(200, { feature })]);
  await client.call("getFeature", { params: { id: "../projects" } });
  expect(heard[0]?.url).toBe("/api/features/..%2Fprojects");
  for (const elsewhere of ["..", ".", ""]) {
    await expect(client.call("getFeature", { params: { id: elsewhere } })).rejects.toThrow(TypeError);
  }
  expect(heard).toHaveLength(1);
});

test("a refusal is a value with its problem", async () => {
  const { client } = await scripted([problem(410, "lease_lost")]);
  const answer = await client.call("release", { params: { id }, body: { epoch: 1 } });
  expect(answer).toMatchObject({ ok: false, status: 410, problem: { code: "lease_lost", detail: "because" } });
});

test("an answer without a body is null", async () => {
  const { client } = await scripted([(response) => response.writeHead(204, { "x-baton-reason": "empty" }).end()]);
  const body = { claim_id: "c", stages: ["dev" as const], agent: { id: "a" } };
  const answer = await client.call("claim", { body });
  expect(answer).toMatchObject({ ok: true, status: 204, value: null });
  expect(answer.ok && answer.headers.get("x-baton-reason")).toBe("empty");
});

test("a call that broke off is repeated under the same key until it is answered", async () => {
  const { heard, client } = await scripted([cut, problem(503, "unavailable"), json(201, { feature })]);
  const answer = await client.call("createFeature", { body: { project_id: id, title: "t" } });
  expect(answer).toMatchObject({ ok: true, status: 201 });
  const keys = heard.map(({ headers }) => headers["idempotency-key"]);
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(new Set(heard.map(({ body }) => body)).size).toBe(1);
});

test("a repetition that meets its own first try waits for the answer", async () => {
  const { client } = await scripted([problem(409, "idempotency_in_progress"), json(201, { feature })]);
  expect(await client.call("createFeature", { body: { project_id: id, title: "t" } })).toMatchObject({ status: 201 });
});

test("too many calls are a reason to come back when told to, under the same key", async () => {
  const later: Answer = (response) => {
    const body = { type: "x", title: "x", status: 429, detail: "later", code: "rate_limited" };
    response.writeHead(429, { "retry-after": "1" }).end(JSON.stringify(body));
  };
  const { heard, client } = await scripted([later, json(201, { feature })]);
  const begun = performance.now();
  expect(await client.call("createFeature", { body: { project_id: id, title: "t" } })).toMatchObject({ status: 201 });
  expect(performance.now() - begun).toBeGreaterThan(990);
  expect(new Set(heard.map(({ headers }) => headers["idempotency-key"])).size).toBe(1);
});

test("a call that would be done twice is not sent again when its connection breaks, and says so", async () => {
  const { heard, client } = await scripted([cut]);
  await expect(client.call("login", { body: { token: "secret" } })).rejects.toThrow(/whether it was done is not known/);
  expect(heard).toHaveLength(1);
});

test("a claim is its own key", async () => {
  const { heard, client } = await scripted([cut, (response) => response.writeHead(204).end()]);
  const body = { claim_id: "c", stages: ["dev" as const], agent: { id: "a" } };
  expect(await client.call("claim", { body })).toMatchObject({ status: 204 });
  expect(heard).toHaveLength(2);
  expect(heard[0]?.headers["idempotency-key"]).toBeUndefined();
});

test("a poll that breaks off late has all the patience there is", async () => {
  const late: Answer = (response) => void setTimeout(() => response.socket?.destroy(), 400);
  const { heard, client } = await scripted([late, (response) => response.writeHead(204).end()], { patience_ms: 300 });
  const body = { claim_id: "c", stages: ["dev" as const], agent: { id: "a" }, wait_s: 20 };
  expect(await client.call("claim", { body })).toMatchObject({ status: 204 });
  expect(heard).toHaveLength(2);
});

test("a server under a path is called under that path", async () => {
  const { heard, url } = await scripted([json(200, { feature })]);
  await openClient({ url: `${url}/baton/`, token: "t" }).call("getFeature", { params: { id } });
  expect(heard[0]?.url).toBe(`/baton/api/features/${id}`);
});

test("two calls do not share a key", async () => {
  const { heard, client } = await scripted([json(201, { feature })]);
  await client.call("createFeature", { body: { project_id: id, title: "t" } });
  await client.call("createFeature", { body: { project_id: id, title: "t" } });
  expect(heard[0]?.headers["idempotency-key"]).not.toBe(heard[1]?.headers["idempotency-key"]);
});

test("other refusals are not repeated", async () => {
  const { heard, client } = await scripted([problem(409, "lease_held")]);
  await client.call("unblockTask", { params: { id } });
  expect(heard).toHaveLength(1);
  expect(heard[0]?.body).toBe("{}");
});

test("when patience is over the last answer is given", async () => {
  const { client } = await scripted([problem(503, "draining")], { patience_ms: 250 });
  expect(await client.call("status")).toMatchObject({ ok: false, status: 503, problem: { code: "draining" } });
});

test("when nobody answers in time the server is away", async () => {
  const { client } = await scripted([cut], { patience_ms: 250 });
  await expect(client.call("status")).rejects.toThrow(ServerAway);
});

test("a caller that gives up gets its own reason at once, also between two tries and while it waits", async () => {
  const silence: Answer = () => {};
  for (const answer of [problem(503, "draining"), silence]) {
    const { client, heard } = await scripted([answer]);
    const control = new AbortController();
    const reason = new Error("enough");
    const given_up = client.call("status", { signal: control.signal });
    await expect.poll(() => heard.length).toBeGreaterThan(0);
    control.abort(reason);
    await expect(given_up).rejects.toBe(reason);
  }
});

test("what answers and is not Baton is not taken for it", async () => {
  const { client } = await scripted([json(200, { hello: "world" }), json(404, { hello: "world" })]);
  await expect(client.call("getFeature", { params: { id } })).rejects.toThrow(ServerAway);
  await expect(client.call("getFeature", { params: { id } })).rejects.toThrow(ServerAway);
});

test("a URL or token that cannot be used is refused at once", () => {
  expect(() => openClient({ url: "nonsense", token: "x" })).toThrow();
  expect(() => openClient({ url: "http://localhost", token: "x\ny" })).toThrow();
});

test("a call that needs a body does not compile without one", async () => {
  const { client } = await scripted([problem(400, "invalid_request")]);
  // @ts-expect-error -- the point of the test
  const answer = await client.call("createFeature", {});
  expect(answer.ok).toBe(false);
});

test("the pause grows, stays bounded and is never shorter than the server asks", () => {
  const away = new Error("away");
  expect(pauseMs(0, away, 0)).toBe(50);
  expect(pauseMs(0, away, 1)).toBe(100);
  expect(pauseMs(3, away, 1)).toBe(800);
  expect(pauseMs(50, away, 1)).toBe(5_000);
  const asked = { status: 503, headers: new Headers({ "retry-after": "9" }), text: "" };
  expect(pauseMs(0, asked, 1)).toBe(9_000);
  expect(pauseMs(0, { ...asked, status: 429 }, 1)).toBe(9_000);
  expect(pauseMs(0, { ...asked, status: 500 }, 1)).toBeNull();
  const date = { ...asked, headers: new Headers({ "retry-after": new Date(Date.now() + 20_000).toUTCString() }) };
  expect(pauseMs(0, date, 0)).toBeGreaterThan(15_000);
  expect(pauseMs(0, { ...asked, headers: new Headers({ "retry-after": "soon" }) }, 1)).toBe(100);
});

test("plain text that was asked for is given as it is", async () => {
  const plain: Answer = (response) =>
    void response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end("log: ä\n");
  const { client, heard } = await scripted([plain]);
  const called = await client.call("taskProofs", { params: { id }, query: { format: "context", budget: 50 } });
  expect(called).toMatchObject({ ok: true, value: "log: ä\n" });
  expect(heard[0]?.url).toBe(`/api/tasks/${id}/proof-history?format=context&budget=50`);
});
