/** Producing work over HTTP: projects, features, runs and tasks are made, listed, changed and looked at. */
import { expect, test } from "vitest";
import { serve } from "./testing/served.ts";
import { claimed, pass, project, run } from "./testing/work.ts";

const api = await serve();
const NOBODY = "019a0000-0000-7000-8000-00000000dead";

test("a project is made with its defaults, found again and changed in part", async () => {
  const made = await api.producer.ok("createProject", { body: { name: "one" } });
  expect(made.project).toMatchObject({ name: "one", repository_url: null, primary_branch: "main", hosted_stages: [] });
  expect(made.project.settings.limits).toEqual({ rejections: 3, attempts: 3, crashes: 3 });
  const params = { id: made.project.id };
  const settings = { test_command: "npm test" };
  const changed = await api.producer.ok("updateProject", { params, body: { repository_url: "/srv/one", settings } });
  expect(changed.project).toMatchObject({
    name: "one",
    repository_url: "/srv/one",
    hosted_stages: ["qa", "sec", "docs"],
  });
  expect(await api.producer.ok("getProject", { params })).toEqual(changed);
});

test("lists are cut into pages that neither repeat nor lose an item", async () => {
  const ids = await Promise.all([1, 2, 3, 4, 5].map(() => project(api)));
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.producer.ok("listProjects", { query: { limit: 2, ...(cursor && { cursor }) } });
    expect(page.items.length).toBeLessThanOrEqual(2);
    seen.push(...page.items.map((item) => item.id));
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toEqual(expect.arrayContaining(ids));
});

test("a feature belongs to a project and is listed with it", async () => {
  const project_id = await project(api);
  const { feature } = await api.producer.ok("createFeature", { body: { project_id, title: "A wish" } });
  expect(await api.producer.ok("getFeature", { params: { id: feature.id } })).toEqual({ feature });
  const listed = await api.producer.ok("listFeatures", { query: { project_id } });
  expect(listed.items).toEqual([feature]);
  const orphan = await api.producer.call("createFeature", { body: { project_id: NOBODY, title: "x" } });
  expect(orphan).toMatchObject({ status: 404, problem: { code: "not_found" } });
});

test("a run holds its tasks; those that depend on others wait", async () => {
  const { run: made, tasks } = await run(api, [{ title: "a" }, { title: "b", depends_on: [0] }]);
  const [first, second] = tasks;
  expect(made).toMatchObject({ state: "active", approval: "none", finished_at: null });
  expect(first).toMatchObject({ title: "a", stage: "dev", state: "pending", priority: 5 });
  expect(second).toMatchObject({ state: "blocked", depends_on: [first?.id], blocked: { kind: "dependency" } });
  const listed = await api.producer.ok("listTasks", { query: { run_id: made.id } });
  expect(listed.items.map((task) => task.id).toSorted()).toEqual(tasks.map((task) => task.id).toSorted());
  const blocked = await api.producer.ok("listTasks", { query: { run_id: made.id, state: "blocked", stage: "dev" } });
  expect(blocked.items.map((task) => task.id)).toEqual([second?.id]);
  const { items } = await api.producer.ok("listRuns", { query: { project_id: made.project_id, state: "active" } });
  expect(items).toEqual([made]);
});

test("tasks can be added to a run while it is open", async () => {
  const { run: made, tasks } = await run(api);
  const depends_on = tasks.map((task) => task.id);
  const added = await api.producer.ok("addTasks", {
    params: { id: made.id },
    body: { tasks: [{ title: "later", depends_on }] },
  });
  expect(added.tasks).toMatchObject([{ title: "later", state: "blocked", depends_on }]);
  await api.producer.ok("killRun", { params: { id: made.id }, body: {} });
  const late = await api.producer.call("addTasks", { params: { id: made.id }, body: { tasks: [{ title: "x" }] } });
  expect(late).toMatchObject({ status: 409, problem: { code: "run_closed" } });
});

test("dependencies that cannot be met are refused and nothing is made", async () => {
  const project_id = await project(api);
  for (const depends_on of [[1], [0], [7], [NOBODY]]) {
    const tasks = [
      { title: "a", depends_on },
      { title: "b", depends_on: [0] },
    ];
    const answer = await api.producer.call("createRun", { body: { project_id, name: "r", tasks } });
    expect(answer, JSON.stringify(depends_on)).toMatchObject({ status: 422, problem: { code: "dependency_invalid" } });
  }
  expect((await api.producer.ok("listRuns", { query: { project_id } })).items).toEqual([]);
});

test("the queue shows ready tasks in the order in which they are claimed", async () => {
  const { run: made } = await run(api, [
    { title: "low", priority: 1 },
    { title: "mid" },
    { title: "top", priority: 10 },
  ]);
  const { items } = await api.producer.ok("readyTasks", { query: { run_id: made.id, stage: "dev" } });
  expect(items.map((task) => task.title)).toEqual(["top", "mid", "low"]);
  const got = [await claimed(api), await claimed(api), await claimed(api)];
  expect(got.map(({ task }) => task.title)).toEqual(["top", "mid", "low"]);
});

test("progress counts stage steps, states and costs", async () => {
  const { run: made } = await run(api, [{ title: "a" }, { title: "b", depends_on: [0] }]);
  const { lease } = await claimed(api);
  const usage = { tokens_in: 10, tokens_out: 5, cost_usd: 0.25 };
  await api.agent.ok("complete", {
    params: { id: lease.id },
    body: { epoch: lease.epoch, result: "pass", packet: { output_summary: "x" }, usage },
  });
  await pass(api, "qa");
  const progress = await api.producer.ok("taskProgress", { params: { id: made.id } });
  expect(progress).toMatchObject({ run_id: made.id, total: 2, percent: 25, tokens_in: 10, cost_usd: "0.250000" });
  expect(progress.by_stage).toMatchObject({ dev: 1, sec: 1 });
  expect(progress.blocked).toMatchObject([{ title: "b", kind: "dependency" }]);
});

test("a run can be paused, resumed and killed, and killed only once", async () => {
  const { run: made, tasks } = await run(api, [{ title: "a" }, { title: "b" }]);
  const params = { id: made.id };
  expect((await api.producer.ok("pauseRun", { params })).run.state).toBe("paused");
  expect((await api.producer.ok("resumeRun", { params })).run.state).toBe("active");
  const killed = await api.producer.ok("killRun", { params, body: { reason: "wrong idea" } });
  expect(killed).toMatchObject({ run: { state: "killed", reason: "wrong idea" }, cancelled_tasks: tasks.length });
  expect((await api.producer.ok("killRun", { params })).cancelled_tasks).toBe(0);
  expect((await api.producer.ok("getRun", { params })).run.state).toBe("killed");
  for (const name of ["pauseRun", "resumeRun"] as const) {
    expect(await api.producer.call(name, { params })).toMatchObject({ status: 409, problem: { code: "run_closed" } });
  }
});

test("a run that needs approval is completed by an admin's approval and not before", async () => {
  const { run: made } = await run(api, [{ title: "a" }], { approval: "required" });
  const params = { id: made.id };
  expect(await api.admin.call("approveRun", { params })).toMatchObject({
    status: 409,
    problem: { code: "run_closed" },
  });
  for (const stage of ["dev", "qa", "sec", "docs"] as const) await pass(api, stage);
  const state = async () => (await api.producer.ok("getRun", { params })).run.state;
  await expect.poll(state).toBe("ready_for_commit");
  expect(await api.producer.call("approveRun", { params })).toMatchObject({ status: 403 });
  expect((await api.admin.ok("approveRun", { params })).run).toMatchObject({ state: "completed" });
});

test("what is not there is 404 and says so", async () => {
  const params = { id: NOBODY };
  const calls = [
    "getProject",
    "getFeature",
    "getRun",
    "taskProgress",
    "pauseRun",
    "getTask",
    "timeline",
    "explain",
  ] as const;
  for (const name of calls) {
    expect(await api.admin.call(name, { params }), name).toMatchObject({ status: 404, problem: { code: "not_found" } });
  }
});
