/** Plans and triggers over HTTP: a goal becomes tasks in the hands of an agent, and hosted workers wait when they are told to. */
import { expect, test } from "vitest";
import { serve, stranger } from "./testing/served.ts";
import { claimed, project } from "./testing/work.ts";

const api = await serve({ auto_trigger: false });

let claims = 0;
const asking = (claim_id = `plan-${++claims}`) => ({ claim_id, agent: { id: "planner" } });

async function goal(text = "Parse empty input."): Promise<string> {
  const body = { project_id: await project(api), name: "a goal", goal: text };
  const { run, tasks } = await api.producer.ok("createRun", { body });
  expect([run.goal, run.triggered, tasks]).toEqual([text, [], []]);
  return run.id;
}

async function leased(id: string) {
  const { status, value } = await api.agent.call("planRun", { params: { id }, body: asking() });
  expect(status).toBe(201);
  return value;
}

const tasks = [{ title: "one" }, { title: "two", depends_on: [0] }];
const packet = { output_summary: "two steps", tasks };

test("a goal is leased, planned, and its tasks go down the line", async () => {
  const id = await goal();
  const body = asking();
  const first = await api.agent.call("planRun", { params: { id }, body });
  const again = await api.agent.call("planRun", { params: { id }, body });
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.value).toEqual(first.value);
  const { plan, prompt, context } = first.value;
  expect(prompt).toContain("Parse empty input.");
  expect(context.role).toMatchObject({ role: "pm", version: 1 });
  const beat = await api.agent.ok("beatPlan", { params: { id: plan.id }, body: { epoch: plan.epoch } });
  expect(beat.directive).toBe("continue");
  const params = { id: plan.id };
  const key = { "idempotency-key": `complete-${plan.id}` };
  const done = await api.agent.ok("completePlan", { params, body: { epoch: plan.epoch, packet } }, key);
  expect(done.tasks.map((task) => [task.title, task.state])).toEqual([
    ["one", "pending"],
    ["two", "blocked"],
  ]);
  expect(await api.agent.ok("completePlan", { params, body: { epoch: plan.epoch, packet } }, key)).toEqual(done);
  expect((await api.producer.ok("taskProgress", { params: { id } })).total).toBe(2);
  expect((await claimed(api)).task.title).toBe("one");
  const { items } = await api.producer.ok("listPlans", { params: { id } });
  expect(items).toMatchObject([{ state: "completed", summary: "two steps", agent_id: "planner" }]);
});

test.each([
  ["no tasks", { ...packet, tasks: [] }, "/packet/tasks"],
  ["too many", { ...packet, tasks: Array.from({ length: 201 }, () => ({ title: "t" })) }, "/packet/tasks"],
  ["a task without a title", { ...packet, tasks: [{ description: "d" }] }, "/packet/tasks/0/title"],
  [
    "a dependency by id",
    { ...packet, tasks: [{ title: "t", depends_on: ["019a0000-0000-7000-8000-000000000001"] }] },
    "/packet/tasks/0/depends_on/0",
  ],
  ["an unknown field", { ...packet, mood: "good" }, "/packet/mood"],
])("a plan with %s is refused, and the lease stays", async (_, given, pointer) => {
  const { plan } = await leased(await goal());
  const params = { id: plan.id };
  const { status, problem } = await api.agent.call("completePlan", {
    params,
    body: { epoch: 1, packet: given as never },
  });
  expect([status, problem.errors?.[0]?.pointer]).toEqual([400, pointer]);
  expect((await api.agent.call("completePlan", { params, body: { epoch: 1, packet } })).status).toBe(200);
});

test("tasks that wait for themselves are refused as when a run is made", async () => {
  const { plan } = await leased(await goal());
  const body = { epoch: 1, packet: { ...packet, tasks: [{ title: "t", depends_on: [0] }] } };
  const { status, problem } = await api.agent.call("completePlan", { params: { id: plan.id }, body });
  expect([status, problem.code, problem.errors?.[0]?.pointer]).toEqual([
    422,
    "dependency_invalid",
    "/packet/tasks/0/depends_on",
  ]);
});

test("a plan that is larger than a packet may be is refused", async () => {
  const { plan } = await leased(await goal());
  const large = {
    ...packet,
    tasks: Array.from({ length: 10 }, () => ({ title: "t", description: "x".repeat(40_000) })),
  };
  const { status } = await api.agent.call("completePlan", {
    params: { id: plan.id },
    body: { epoch: 1, packet: large },
  });
  expect(status).toBe(413);
});

test("who comes second is told who plans it, and who comes late that it is lost", async () => {
  const id = await goal();
  const { plan } = await leased(id);
  const second = await api.admin.call("planRun", { params: { id }, body: asking() });
  expect([second.status, second.problem.code, second.problem.holder?.agent_id]).toEqual([409, "lease_held", "planner"]);
  const late = { params: { id: plan.id }, body: { epoch: plan.epoch + 1, packet } };
  expect(await api.agent.call("completePlan", late)).toMatchObject({ status: 410, problem: { code: "lease_lost" } });
  const failed = await api.agent.ok("failPlan", { params: { id: plan.id }, body: { epoch: 1, reason: "unclear" } });
  expect(failed.plan).toMatchObject({ state: "failed", reason: "unclear" });
  expect((await leased(id)).plan.epoch).toBe(1);
});

test("a run is made with tasks or with a goal, not with both and not with neither", async () => {
  const project_id = await project(api);
  for (const more of [{}, { tasks: [] }, { goal: "g", tasks: [{ title: "t" }] }, { goal: "" }]) {
    const { status, problem } = await api.producer.call("createRun", { body: { project_id, name: "r", ...more } });
    expect([status, problem.code], JSON.stringify(more)).toEqual([400, "invalid_request"]);
  }
});

test("to another workspace neither the run nor its plan is there", async () => {
  const id = await goal();
  const { plan } = await leased(id);
  const other = await stranger(api);
  const body = { epoch: 1 };
  expect((await other.call("planRun", { params: { id }, body: asking() })).status).toBe(404);
  expect((await other.call("listPlans", { params: { id } })).status).toBe(404);
  expect((await other.call("beatPlan", { params: { id: plan.id }, body })).status).toBe(404);
  expect((await other.call("completePlan", { params: { id: plan.id }, body: { ...body, packet } })).status).toBe(404);
  expect((await other.call("failPlan", { params: { id: plan.id }, body: { ...body, reason: "r" } })).status).toBe(404);
  expect((await other.call("triggerPipeline", { params: { id }, body: {} })).status).toBe(404);
});

test("with AUTO_TRIGGER_AGENTS off a run waits to be triggered, stage by stage or as a whole", async () => {
  const id = await goal();
  const one = await api.producer.ok("triggerAgent", { params: { id }, body: { stage: "qa" } });
  expect(one.run.triggered).toEqual(["qa"]);
  expect((await api.producer.ok("triggerAgent", { params: { id }, body: { stage: "dev" } })).run.triggered).toEqual([
    "dev",
    "qa",
  ]);
  await api.producer.ok("triggerPipeline", { params: { id }, body: {} });
  expect((await api.producer.ok("getRun", { params: { id } })).run.triggered).toEqual(["dev", "qa", "sec", "docs"]);
  const bad = await api.producer.call("triggerAgent", { params: { id }, body: { stage: "none" as never } });
  expect(bad.status).toBe(400);
});

test("a project may say otherwise", async () => {
  const project_id = await project(api, { auto_trigger: true });
  const { run } = await api.producer.ok("createRun", { body: { project_id, name: "r", tasks: [{ title: "t" }] } });
  expect(run.triggered).toEqual(["dev", "qa", "sec", "docs"]);
});
