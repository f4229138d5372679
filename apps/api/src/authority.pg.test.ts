/** Who may do what: no token, a bad token, the wrong role, and another workspace, on every route there is. */
import { ROUTES, type Route, type RouteName } from "@baton/domain/api";
import { expect, test } from "vitest";
import { serve, stranger, tokenOf } from "./testing/served.ts";
import { claimed, project, run } from "./testing/work.ts";

const api = await serve();
const other = await stranger(api);

const NAMES = Object.keys(ROUTES) as RouteName[];
const closed = NAMES.filter((name) => ROUTES[name].roles !== "anyone");
const path = (name: RouteName, id = "019a0000-0000-7000-8000-000000000001") => ROUTES[name].path.replace(":id", id);
const method = (name: RouteName) => ROUTES[name].method.toUpperCase();

test.each(closed)("%s needs a token, and a good one", async (name) => {
  for (const headers of [
    {},
    { authorization: "Bearer " },
    { authorization: "Basic eDp5" },
    { authorization: "Bearer nope" },
  ]) {
    const answer = await api.as(null).raw(method(name), path(name), { headers });
    expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    expect(answer.headers.get("www-authenticate")).toContain("Bearer");
  }
});

test.each(closed)("%s is refused to every role it is not for", async (name) => {
  const { roles } = ROUTES[name] as Route;
  const callers = { admin: api.admin, producer: api.producer, agent: api.agent };
  for (const [role, who] of Object.entries(callers)) {
    const { status } = await who.raw(method(name), path(name));
    expect(status === 403, `${role} got ${status}`).toBe(!roles.includes(role as never));
  }
});

test("a revoked token opens nothing", async () => {
  const made = await api.admin.ok("createToken", { body: { name: "gone", role: "producer" } });
  expect((await api.as(made.token).call("listProjects")).status).toBe(200);
  await api.admin.ok("revokeToken", { params: { id: made.id } });
  expect(await api.as(made.token).call("listProjects")).toMatchObject({ status: 401 });
});

test("tokens are listed by their beginning and never as a whole", async () => {
  const token = await tokenOf(api.admin, "agent");
  const listed = await api.admin.ok("listTokens");
  const mine = listed.items.find((item) => token.startsWith(item.prefix) && item.role === "agent");
  expect(mine).toBeDefined();
  expect(JSON.stringify(listed)).not.toContain(token);
});

test("to another workspace nothing of ours is there", async () => {
  const project_id = await project(api);
  const { feature } = await api.producer.ok("createFeature", { body: { project_id, title: "f" } });
  const { run: made, tasks } = await run(api);
  const { lease } = await claimed(api);
  const token = await api.admin.ok("createToken", { body: { name: "ours", role: "agent" } });
  const ids: Record<string, string> = { projects: project_id, features: feature.id, runs: made.id };
  const all = { ...ids, tasks: tasks[0]?.id ?? "", leases: lease.id, tokens: token.id };
  const before = await snapshot(tasks[0]?.id ?? "");
  for (const [name, route] of Object.entries<Route>(ROUTES)) {
    const thing = Object.entries(all).find(([kind]) => route.path.startsWith(`/api/${kind}/:id`));
    if (thing === undefined) continue;
    const answer = await other.raw(route.method.toUpperCase(), `${addressOf(route, thing[1])}${QUERIES[name] ?? ""}`, {
      headers: { "content-type": route.upload ? "application/octet-stream" : "application/json" },
      ...((route.upload || route.body) && { body: route.upload ? "planted" : JSON.stringify(BODIES[name] ?? {}) }),
    });
    expect(answer, name).toMatchObject({ status: 404, body: { code: "not_found" } });
  }
  expect(await snapshot(tasks[0]?.id ?? "")).toEqual(before);
});

/** The path to a thing of ours, with whatever else it names in the place of its other parameters. */
function addressOf(route: Route, id: string): string {
  const others: Record<string, string> = { from: "dev", to: "qa", stage: "dev", name: "planted.txt", proof_id: id };
  return route.path.replace(":id", id).replaceAll(/:(\w+)/g, (_, name: string) => others[name] ?? name);
}

const QUERIES: Record<string, string> = {
  putArtifact: "?epoch=1",
  addProof: "?name=planted.txt",
};

const BODIES: Record<string, unknown> = {
  checkpoint: { epoch: 1, packet: {} },
  addFindings: { epoch: 1, findings: [{ title: "planted" }] },
  postMessage: { text: "planted" },
  triggerAgent: { stage: "dev" },
  planRun: { claim_id: "planted", agent: { id: "x" } },
  completeHandoff: { epoch: 1, packet: { output_summary: "x" } },
  failHandoff: { epoch: 1, reason: "x" },
  updateProject: { name: "stolen" },
  addFeaturePacket: { phase: "done", agent_id: "x", agent_name: "x", output_summary: "planted" },
  addTasks: { tasks: [{ title: "planted" }] },
  advanceStage: { result: "pass" },
  setStage: { stage: "docs" },
  heartbeat: { epoch: 1 },
  complete: { epoch: 1, result: "pass", packet: { output_summary: "x" } },
  fail: { epoch: 1, error: { message: "x", fault: "task" } },
  block: { epoch: 1, kind: "quota", reason: "x" },
  release: { epoch: 1 },
};

async function snapshot(id: string) {
  const task = await api.admin.ok("getTask", { params: { id } });
  return { task, events: await api.admin.ok("timeline", { params: { id } }) };
}

test("to another workspace our lists are empty and our ids are of no use", async () => {
  const { run: made, tasks } = await run(api, [{ title: "top", priority: 10 }]);
  for (const name of ["listProjects", "listFeatures", "listRuns", "listTasks", "readyTasks"] as const) {
    expect((await other.ok(name)).items, name).toEqual([]);
  }
  expect((await other.ok("listTokens")).items).toHaveLength(1);
  const claim = { claim_id: "theirs", stages: ["dev" as const], agent: { id: "thief" } };
  expect((await other.call("claim", { body: claim })).status).toBe(204);
  const mine = await other.ok("createProject", { body: { name: "theirs" } });
  const foreign = [
    { project_id: made.project_id, name: "r", tasks: [{ title: "a" }] },
    { project_id: mine.project.id, name: "r", tasks: [{ title: "a", depends_on: [tasks[0]?.id ?? ""] }] },
  ];
  const answers = await Promise.all(foreign.map((body) => other.call("createRun", { body })));
  expect(answers.map((answer) => answer.status)).toEqual([404, 422]);
});

test("a claim_id of another workspace is just a new one", async () => {
  await run(api);
  const body = { claim_id: "shared", stages: ["dev" as const], agent: { id: "a" } };
  expect((await api.agent.call("claim", { body })).status).toBe(201);
  expect((await other.call("claim", { body })).status).toBe(204);
});
