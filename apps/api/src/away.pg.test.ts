/** When the database is away, and when the server is about to be: callers are told to come back, and nothing is half done. */
import { expect, onTestFinished, test } from "vitest";
import { drainServer } from "./server.ts";
import { serve } from "./testing/served.ts";
import { claimBody, claimed, run } from "./testing/work.ts";

const api = await serve();

test("with the database gone every call is 503 with Retry-After, and probes tell the two apart", async () => {
  await api.database_way.cut();
  const calls = await Promise.all([
    api.producer.call("listProjects"),
    api.producer.call("createProject", { body: { name: "x" } }, { "idempotency-key": "k" }),
    api.agent.call("claim", { body: claimBody() }),
    api.producer.call("status"),
  ]);
  for (const answer of calls) {
    expect(answer).toMatchObject({ status: 503, problem: { code: "unavailable" } });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  }
  expect(await api.as(null).ok("status")).toEqual({ version: "0.1.0" });
  expect((await api.producer.raw("GET", "/healthz")).status).toBe(200);
  expect((await api.producer.raw("GET", "/readyz")).status).toBe(503);
  expect((await api.producer.raw("GET", "/metrics")).text).toContain("baton_database_up 0");
  await api.database_way.heal();
  await expect.poll(async () => (await api.producer.raw("GET", "/readyz")).status).toBe(200);
  expect((await api.producer.call("createProject", { body: { name: "x" } }, { "idempotency-key": "k" })).status).toBe(
    201,
  );
});

test("a database that hangs is 503 within six seconds, not a request without an end", { timeout: 60_000 }, async () => {
  api.database_way.freeze();
  const started = performance.now();
  const answers = await Promise.all([
    api.producer.call("listProjects"),
    api.agent.call("claim", { body: claimBody() }),
  ]);
  expect(answers.map((answer) => answer.status)).toEqual([503, 503]);
  expect((await api.producer.raw("GET", "/readyz")).status).toBe(503);
  expect(performance.now() - started).toBeLessThan(9_000);
  await api.database_way.cut();
  await api.database_way.heal();
  await expect.poll(async () => (await api.producer.raw("GET", "/readyz")).status).toBe(200);
});

test("while it drains a request on an open connection is told to come back, and readiness is gone", async () => {
  api.drain.begin();
  const late = await api.producer.call("createProject", { body: { name: "late" } });
  expect(late).toMatchObject({ status: 503, problem: { code: "draining" } });
  expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(late.headers.get("connection")).toBe("close");
  expect((await api.producer.raw("GET", "/readyz")).status).toBe(503);
  expect((await api.producer.raw("GET", "/healthz")).status).toBe(200);
});

test("a server that drains sends home who waits, refuses what comes and finishes", async () => {
  const api = await serve({}, onTestFinished);
  await run(api);
  await claimed(api);
  const waiting = api.agent.call("claim", { body: claimBody(["dev"], { wait_s: 30 }) });
  await expect.poll(api.waiting).toBe(1);
  const started = performance.now();
  const drained = drainServer(api.server, api.drain);
  expect(await waiting).toMatchObject({ status: 204 });
  await drained;
  expect(performance.now() - started).toBeLessThan(2_000);
});
