/** Looking: status, health, metrics, the documentation, and what the log keeps and what it does not. */
import { ROUTES } from "@baton/domain/api";
import { expect, test } from "vitest";
import { serve, stranger } from "./testing/served.ts";
import { claimed, PACKET, run } from "./testing/work.ts";

const api = await serve();
const nobody = api.as(null);

test("anyone learns the version, and only the bearer of a token learns more", async () => {
  expect(await nobody.ok("status")).toEqual({ version: "0.1.0" });
  await run(api, [{ title: "a" }, { title: "b" }]);
  await claimed(api);
  const told = await api.producer.ok("status");
  expect(told).toMatchObject({ database: { ok: true }, queue: { backend: "postgres", ok: true } });
  expect(told.stages?.dev).toMatchObject({ ready: 1, running: 1 });
  expect(told.stages?.dev.oldest_ready_s).toBeGreaterThanOrEqual(0);
  expect(await api.as("wrong").call("status")).toMatchObject({ status: 401 });
});

test("ready is what the workspace's own agents would be given now: not what is paused, or has cost what it may", async () => {
  const other = await stranger(api);
  const { id } = (await other.ok("createProject", { body: { name: "theirs" } })).project;
  const body = { project_id: id, name: "a run", tasks: [{ title: "c" }, { title: "d" }] };
  const { run: made } = await other.ok("createRun", { body });
  const told = async () => {
    const { stages } = await other.ok("status");
    return [stages?.dev.ready, stages?.dev.running, (await other.ok("readyTasks")).items.length];
  };
  expect(await told()).toEqual([2, 0, 2]);
  await other.ok("pauseStage", { params: { id, stage: "dev" }, body: {} });
  expect(await told()).toEqual([0, 0, 0]);
  await other.ok("resumeStage", { params: { id, stage: "dev" }, body: {} });
  await api.parts.line.db.run({ name: "spent", text: "update runs set over_budget = true where id = $1" }, [made.id]);
  expect(await told()).toEqual([0, 0, 0]);
});

test("probes need no token and leave no line in the log", async () => {
  expect((await nobody.raw("GET", "/healthz")).status).toBe(200);
  expect((await nobody.raw("GET", "/readyz")).status).toBe(200);
  await nobody.raw("GET", "/api/nothing", { headers: { "x-request-id": "marker" } });
  await expect.poll(() => api.log.join("")).toContain("marker");
  expect(api.log.join("")).not.toMatch(/healthz|readyz/);
});

test("metrics count requests by route and tasks by stage, and name nobody", async () => {
  const { tasks } = await run(api, [{ title: "canary-title" }]);
  await api.producer.ok("getTask", { params: { id: tasks[0]?.id ?? "" } });
  await nobody.raw("GET", `/made/up/${Math.random()}`);
  const { text, headers } = await nobody.raw("GET", "/metrics");
  expect(headers.get("content-type")).toContain("text/plain; version=0.0.4");
  expect(text).toMatch(
    /baton_http_request_duration_seconds_count\{method="GET",route="\/api\/tasks\/:id",status="200"\} \d/,
  );
  expect(text).toContain('baton_tasks_ready{stage="dev"} 1');
  expect(text).toContain("baton_database_up 1");
  expect(text).toMatch(/^baton_outbox_tickets \d+$/m);
  expect(text).toContain("process_cpu_seconds_total");
  expect(text).not.toMatch(/canary-title|made\/up/);
});

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
  handle?: { stack?: Layer[] };
}

/** Everything Express would answer, as `METHOD path`. */
function mounted(layers: Layer[]): string[] {
  return layers.flatMap(({ route, handle }) => {
    if (route === undefined) return mounted(handle?.stack ?? []);
    const methods = Object.keys(route.methods).filter((method) => method !== "_all");
    return methods.map((method) => `${method.toUpperCase()} ${route.path}`);
  });
}

test("every mounted call is in the OpenAPI document, and nothing else is", async () => {
  const app = api.server.listeners("request")[0] as unknown as { router: { stack: Layer[] } };
  const all = mounted(app.router.stack).filter((call) => / \/api\/(?!docs|openapi)/.test(call));
  // Logging in is mounted twice: its limiter stands before it.
  const served = [...new Set(all)];
  const document = (await nobody.raw("GET", "/api/openapi.json")).body as { paths: Record<string, object> };
  const described = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path.replace(/\{(\w+)\}/g, ":$1")}`),
  );
  expect(served.toSorted()).toEqual(described.toSorted());
  expect(served).toHaveLength(Object.keys(ROUTES).length);
});

test("the OpenAPI document says what each call takes, gives and refuses", async () => {
  const { body } = await nobody.raw("GET", "/api/openapi.json");
  const document = body as { openapi: string; paths: Record<string, Record<string, Record<string, unknown>>> };
  expect(document.openapi).toBe("3.1.0");
  for (const item of Object.values(document.paths)) {
    for (const call of Object.values(item)) {
      expect(call.operationId).toBeTypeOf("string");
      expect(Object.keys(call.responses as object).some((status) => status.startsWith("2"))).toBe(true);
      expect(Object.keys(call.responses as object)).toEqual(expect.arrayContaining(["400", "500", "503"]));
    }
  }
  const complete = document.paths["/api/leases/{id}/complete"]?.post;
  expect(Object.keys(complete?.responses as object)).toEqual(
    expect.arrayContaining(["404", "409", "410", "413", "422"]),
  );
});

test("the documentation page brings all its files itself and explains every problem code", async () => {
  const page = await nobody.raw("GET", "/api/docs");
  expect(page.status).toBe(200);
  expect(page.text).not.toMatch(/https?:\/\/|<script(?![^>]* src=)/);
  for (const [, path] of page.text.matchAll(/(?:src|href)="([^"]+)"/g)) {
    expect((await nobody.raw("GET", path ?? "")).status, path).toBe(200);
  }
  const refused = await nobody.raw("GET", "/api/runs");
  const [where, anchor] = (refused.body as { type: string }).type.split("#");
  expect(where).toBe("/api/docs");
  expect(page.text).toContain(`id="${anchor}"`);
});

test("answers carry the headers that keep browsers from doing anything with them", async () => {
  const { headers } = await api.producer.raw("GET", "/api/projects");
  expect(headers.get("x-powered-by")).toBeNull();
  expect(headers.get("x-content-type-options")).toBe("nosniff");
  expect(headers.get("content-security-policy")).toBe("default-src 'none';frame-ancestors 'none'");
  expect(headers.get("cache-control")).toBe("no-store");
});

test("the log has ids, route, status and duration of a request, and none of what was sent", async () => {
  const { lease } = await (async () => (await run(api, [{ title: "canary-title" }]), claimed(api)))();
  const packet = { ...PACKET, output_summary: "canary-summary" };
  const headers = { "idempotency-key": "canary-key", "x-request-id": "the-one", cookie: "canary-cookie=1" };
  const body = { epoch: lease.epoch, result: "pass" as const, packet };
  await api.agent.ok("complete", { params: { id: lease.id }, body }, headers);
  await api.as("canary-token").call("listRuns", {}, headers);
  await nobody.raw("GET", "/api/runs?canary-query=1");
  await nobody.call("login", { body: { token: "canary-login" } });
  const mine = () =>
    api.log
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((entry) => entry.request_id === "the-one");
  await expect.poll(mine).toHaveLength(2);
  expect(mine()[0]).toMatchObject({ method: "POST", route: "/api/leases/:id/complete", status: 200 });
  expect(mine()[0]?.duration_ms).toBeTypeOf("number");
  expect(api.log.join("")).not.toMatch(/canary/);
  expect(api.log.join("")).not.toContain(api.admin_token);
});
