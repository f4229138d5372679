/** Bad input: every refusal is a 4xx problem with a stable code, nothing of it is written, and the server goes on as before. */
import { ProblemView } from "@baton/domain/api";
import { afterAll, expect, test } from "vitest";
import { serve } from "./testing/served.ts";
import { claimed, project, run } from "./testing/work.ts";

const api = await serve();
const project_id = await project(api);
const JSON_TYPE = { "content-type": "application/json" };
const task = (more: object) => ({ project_id, name: "r", tasks: [{ title: "t", ...more }] });

async function refused(method: string, path: string, body: unknown, headers = JSON_TYPE) {
  const sent = typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body);
  const answer = await api.admin.raw(method, path, { headers, body: sent });
  expect(answer.headers.get("content-type"), answer.text).toMatch(/^application\/problem\+json/);
  const problem = ProblemView.parse(answer.body);
  expect(problem).toEqual(answer.body);
  expect(answer.text).not.toMatch(/ at .*\.ts|select |insert |node_modules/i);
  return problem;
}

afterAll(async () => {
  expect((await api.admin.ok("listRuns", { query: { project_id } })).items).toEqual([]);
  expect((await api.admin.raw("GET", "/readyz")).status).toBe(200);
  expect(api.log.filter((line) => line.includes("a request failed"))).toEqual([]);
});

const BODIES: [why: string, body: unknown, pointer: string][] = [
  ["no body at all", {}, "/project_id"],
  ["a list", [], ""],
  ["null", null, ""],
  ["a text", '"hello"', ""],
  ["an unknown field", { ...task({}), colour: "red" }, "/colour"],
  ["an unknown field within", task({ colour: "red" }), "/tasks/0/colour"],
  ["a name with a slash and a tilde", { ...task({}), "a/b~c": 1 }, "/a~1b~0c"],
  ["a number as a title", task({ title: 7 }), "/tasks/0/title"],
  ["an empty title", task({ title: "" }), "/tasks/0/title"],
  ["a title too long", task({ title: "x".repeat(501) }), "/tasks/0/title"],
  ["a NUL byte", task({ title: "a\0b" }), "/tasks/0/title"],
  ["a lone surrogate", task({ description: "\ud800" }), "/tasks/0/description"],
  ["a name of two lines", { ...task({}), name: "a\nb" }, "/name"],
  ["a priority beyond 10", task({ priority: 11 }), "/tasks/0/priority"],
  ["a priority of -1", task({ priority: -1 }), "/tasks/0/priority"],
  ["a priority of 5.5", task({ priority: 5.5 }), "/tasks/0/priority"],
  ["a priority of 1e300", task({ priority: 1e300 }), "/tasks/0/priority"],
  ["a priority as text", task({ priority: "5" }), "/tasks/0/priority"],
  ["criteria that are no list", task({ acceptance_criteria: "works" }), "/tasks/0/acceptance_criteria"],
  ["a dependency that is neither", task({ depends_on: ["the first one"] }), "/tasks/0/depends_on/0"],
  ["no task", { project_id, name: "r", tasks: [] }, "/tasks"],
  ["1001 tasks", { project_id, name: "r", tasks: Array(1_001).fill({ title: "t" }) }, "/tasks"],
  ["a project that is no id", { ...task({}), project_id: "1; drop table runs" }, "/project_id"],
];

test.each(BODIES)("a run with %s is 400 and says where", async (_why, body, pointer) => {
  const problem = await refused("POST", "/api/runs", body);
  expect(problem).toMatchObject({ status: 400, code: "invalid_request" });
  expect(problem.errors?.map((error) => error.pointer)).toContain(pointer);
});

test("everything wrong is told at once, but not without end", async () => {
  const tasks = Array(900).fill({ title: 1, priority: 99 });
  const problem = await refused("POST", "/api/runs", { project_id, tasks });
  expect(problem.errors).toHaveLength(100);
  expect(problem.detail).toContain("1801 faults");
});

const RAW: [why: string, body: string | Uint8Array, status: number, code: string][] = [
  ["what is not JSON", "{", 400, "malformed_json"],
  ["bytes that are not UTF-8", Uint8Array.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), 400, "malformed_json"],
  ["__proto__", '{"name":"x","__proto__":{"admin":true}}', 400, "invalid_request"],
  ["a depth of 10,000", `${'{"a":'.repeat(10_000)}1${"}".repeat(10_000)}`, 400, "invalid_request"],
  ["a number beyond all bounds", '{"name":"x","settings":{"limits":{"attempts":1e999}}}', 400, "invalid_request"],
  ["10 MB", `{"name":"${"x".repeat(10_000_000)}"}`, 413, "too_large"],
];

test.each(RAW)("a body of %s is refused", async (_why, body, status, code) => {
  expect(await refused("POST", "/api/projects", body)).toMatchObject({ status, code });
});

const TYPES = [
  "text/plain",
  "application/x-www-form-urlencoded",
  "application/json; charset=utf-16",
  "application/xml",
];

test.each(TYPES)("a body of type %s is 415", async (type) => {
  const problem = await refused("POST", "/api/projects", '{"name":"x"}', { "content-type": type });
  expect(problem).toMatchObject({ status: 415, code: "unsupported_media_type" });
});

test("a packed body is 415: it could unpack without end", async () => {
  const headers = { ...JSON_TYPE, "content-encoding": "gzip" };
  expect(await refused("POST", "/api/projects", "x", headers)).toMatchObject({ status: 415 });
});

const QUERIES: [query: string, pointer: string][] = [
  ["limit=0", "/query/limit"],
  ["limit=201", "/query/limit"],
  ["limit=1e2", "/query/limit"],
  ["limit=", "/query/limit"],
  ["limit=1&limit=2", "/query/limit"],
  ["limit[]=1", "/query/limit[]"],
  ["cursor=abc", "/query/cursor"],
  ["state=happy", "/query/state"],
  ["colour=red", "/query/colour"],
  ["__proto__=1", "/query/__proto__"],
];

test.each(QUERIES)("a list asked for with ?%s is 400", async (query, pointer) => {
  const answer = await api.admin.raw("GET", `/api/runs?${query}`);
  expect(answer).toMatchObject({ status: 400, body: { code: "invalid_request", errors: [{ pointer }] } });
});

const PATHS: [path: string, status: number][] = [
  ["/api/runs/abc", 400],
  ["/api/runs/%00", 400],
  ["/api/runs/%E0%A4%A", 400],
  ["/api/runs/..%2f..%2fetc", 400],
  ["/api/runs/", 404],
  ["/API/runs", 404],
  ["/api/nothing", 404],
  ["/", 404],
];

test.each(PATHS)("GET %s is %i", async (path, status) => {
  const answer = await api.admin.raw("GET", path);
  expect(answer.status).toBe(status);
  expect(ProblemView.parse(answer.body)).toEqual(answer.body);
});

test("a known path with another method is 405 and says what is allowed", async () => {
  const answer = await api.admin.raw("PUT", "/api/runs");
  expect(answer).toMatchObject({ status: 405, body: { code: "method_not_allowed" } });
  expect(answer.headers.get("allow")).toBe("POST, GET, HEAD, OPTIONS");
  expect((await api.admin.raw("OPTIONS", "/api/runs")).status).toBe(204);
  expect(await api.admin.raw("HEAD", "/api/runs")).toMatchObject({ status: 200, text: "" });
  expect((await api.admin.raw("POST", "/api/openapi.json")).status).toBe(405);
});

const PLACES = ["-oProxyCommand=x", "ext::sh -c id", "http://h/x", "relative/path", "https://u:p@h/x", "/a\nb"];

test.each(PLACES)("a repository at %j is refused", async (repository_url) => {
  const problem = await refused("POST", "/api/projects", { name: "x", repository_url });
  expect(problem.errors?.[0]?.pointer).toBe("/repository_url");
});

test.each(["-x", "a..b", "HEAD", "a b", "x.lock", "@{1}"])("a primary branch %j is refused", async (primary_branch) => {
  const problem = await refused("POST", "/api/projects", { name: "x", primary_branch });
  expect(problem.errors?.[0]?.pointer).toBe("/primary_branch");
});

test("a stage that does not exist is refused, in claims, in steps and in lists", async () => {
  const { tasks } = await run(api);
  const claim = { claim_id: "c", stages: ["deploy"], agent: { id: "a" } };
  expect(await refused("POST", "/api/leases", claim)).toMatchObject({ errors: [{ pointer: "/stages/0" }] });
  const path = `/api/tasks/${tasks[0]?.id}/set-stage`;
  for (const stage of ["deploy", "complete", "none"]) {
    expect(await refused("POST", path, { stage })).toMatchObject({ status: 400, errors: [{ pointer: "/stage" }] });
  }
  expect((await api.admin.raw("GET", "/api/tasks?stage=deploy")).status).toBe(400);
});

const RESULTS: [why: string, more: object, pointer: string][] = [
  ["an epoch of 0", { epoch: 0 }, "/epoch"],
  ["an epoch beyond counting", { epoch: 1e17 }, "/epoch"],
  ["an unknown result", { result: "maybe" }, "/result"],
  ["no packet", { packet: undefined }, "/packet"],
  ["money below zero", { usage: { cost_usd: -1 } }, "/usage/cost_usd"],
  ["half a token", { usage: { tokens_in: 0.5 } }, "/usage/tokens_in"],
  ["501 findings", { findings: Array(501).fill({ title: "x" }) }, "/findings"],
  ["a finding without a title", { findings: [{ severity: "low" }] }, "/findings/0/title"],
  ["a metric with a NUL", { packet: { output_summary: "x", output_metrics: { a: ["\0"] } } }, "/packet/output_metrics"],
];

test("a completion that is badly put is 400 and leaves the lease as it was", async () => {
  await run(api);
  const { lease } = await claimed(api);
  const good = { epoch: lease.epoch, result: "pass", packet: { output_summary: "x" } };
  for (const [why, more, pointer] of RESULTS) {
    const problem = await refused("POST", `/api/leases/${lease.id}/complete`, { ...good, ...more });
    expect(
      problem.errors?.map((error) => error.pointer),
      why,
    ).toContain(pointer);
  }
  expect((await api.agent.ok("heartbeat", { params: { id: lease.id }, body: { epoch: lease.epoch } })).directive).toBe(
    "continue",
  );
});
