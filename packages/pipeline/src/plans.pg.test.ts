/** Plans: one planner at a time has the goal of a run, what it hands in is submitted with the end of its plan or not at all, and a planner that is late changes nothing. */
import { newId } from "@baton/db";
import { CompletePlan, type LeasedPlan } from "@baton/domain/api";
import { expect, test } from "vitest";
import {
  addTasks,
  beatPlan,
  cancelTask,
  completePlan,
  createRun,
  failPlan,
  getRun,
  killRun,
  listPlans,
  pauseRun,
  planRun,
  resumeRun,
  roleVersions,
} from "./index.ts";
import { sha256 } from "./prompts.ts";
import { settleRuns } from "./settle-run.ts";
import { principal, type TestLine, testLine, testProject } from "./testing/index.ts";
import { countOf, HINDERED, leased, newTask, sql, submitted, valueOf } from "./testing/verbs.ts";

const GOAL = "Parse empty input. {{project.name}}";

async function withGoal() {
  const open = await testLine();
  const project_id = await testProject(open);
  const input = { project_id, name: "run", tasks: [], goal: GOAL, options: {} };
  const { run, tasks } = valueOf(await createRun(open.line, open.admin, input));
  expect([run.goal, tasks]).toEqual([GOAL, []]);
  return { open, run_id: run.id };
}

const plan = (open: TestLine, id: string, claim_id = newId(), who = open.admin) =>
  planRun(open.line, who, { id, claim_id, agent: { id: "planner" }, lease_s: 60 });

const leasedPlan = async (open: TestLine, id: string, claim_id?: string) =>
  valueOf(await plan(open, id, claim_id)).value;

const TASKS = [
  { title: "one", acceptance_criteria: ["it works"] },
  { title: "two", priority: 7, depends_on: [0] },
];

const complete = (open: TestLine, { plan: { id, epoch } }: LeasedPlan, tasks: object[] = TASKS, who = open.admin) =>
  completePlan(open.line, who, {
    id,
    ...CompletePlan.parse({ epoch, packet: { output_summary: "two steps", tasks }, usage: { tokens_in: 7 } }),
  });

const letPlansExpire = (open: TestLine) => sql(open, "update plans set lease_expires_at = now() - interval '1 ms'");
const code = (answer: { ok: boolean; problem?: { code: string } }) => (answer.ok ? "ok" : answer.problem?.code);

test("a planner is given the goal as data, under the role pm, and it is noted what it was told", async () => {
  const { open, run_id } = await withGoal();
  const { plan: lease, context, prompt } = await leasedPlan(open, run_id);
  expect(lease).toMatchObject({ run_id, epoch: 1, heartbeat_every_s: 15 });
  expect(context).toMatchObject({ goal: GOAL, run: { id: run_id }, role: { role: "pm", version: 1 } });
  expect(prompt).toMatch(/goal:\n<<<[0-9a-f]{24}\nParse empty input\. \{\{project\.name\}\}\n[0-9a-f]{24}>>>/);
  const { items } = valueOf(await listPlans(open.line, open.admin, { id: run_id, limit: 10 }));
  expect(items).toMatchObject([
    { state: "leased", agent_id: "planner", role_version: 1, prompt_sha256: sha256(prompt) },
  ]);
});

test("what is handed in becomes the tasks of the run, in their order, with what they wait for", async () => {
  const { open, run_id } = await withGoal();
  const done = valueOf(await complete(open, await leasedPlan(open, run_id)));
  expect(done.plan).toMatchObject({ state: "completed", summary: "two steps", expires_at: null });
  const [one, two] = done.tasks;
  expect(one).toMatchObject({ title: "one", state: "pending", stage: "dev", acceptance_criteria: ["it works"] });
  expect(two).toMatchObject({ title: "two", state: "blocked", priority: 7, depends_on: [one?.id] });
  expect((await leased(open, "dev")).task.id).toBe(one?.id);
  expect(code(await plan(open, run_id))).toBe("transition_not_allowed");
  const [version] = valueOf(await roleVersions(open.line, open.admin, { role: "pm" })).items;
  expect(version).toMatchObject({ attempts: 1, passed: 1, pass_rate: 1, tokens_in: 7 });
});

test("of many who ask at the same moment one gets the plan, and the others are told who has it", async () => {
  const { open, run_id } = await withGoal();
  const answers = await Promise.all(Array.from({ length: 6 }, () => plan(open, run_id)));
  expect(answers.map((one) => code(one) ?? "").toSorted()).toEqual([
    "lease_held",
    "lease_held",
    "lease_held",
    "lease_held",
    "lease_held",
    "ok",
  ]);
  expect(answers.find((one) => !one.ok)).toMatchObject({ problem: { holder: { agent_id: "planner", alive: true } } });
  expect(await countOf(open, "plans")).toBe(1);
});

test("a repeated claim_id gets the same lease and the same prompt while it lives, and is used up afterwards", async () => {
  const { open, run_id } = await withGoal();
  const [first, again] = [valueOf(await plan(open, run_id, "mine")), valueOf(await plan(open, run_id, "mine"))];
  expect([first.fresh, again.fresh]).toEqual([true, false]);
  expect(again.value).toEqual(first.value);
  expect(code(await plan(open, run_id, "mine", await principal(open.db, "agent")))).toBe("claim_id_used");
  await letPlansExpire(open);
  expect(code(await plan(open, run_id, "mine"))).toBe("claim_id_used");
});

test("an expired lease can be taken again, and whoever had it changes nothing any more", async () => {
  const { open, run_id } = await withGoal();
  const late = await leasedPlan(open, run_id);
  await letPlansExpire(open);
  const { id } = late.plan;
  expect(code(await beatPlan(open.line, open.admin, late.plan))).toBe("lease_lost");
  expect(code(await complete(open, late))).toBe("lease_lost");
  const next = await leasedPlan(open, run_id);
  expect(next.plan).toMatchObject({ id, epoch: 2 });
  expect(next.prompt).not.toBe(late.prompt);
  expect(code(await complete(open, late))).toBe("lease_lost");
  expect(code(await failPlan(open.line, open.admin, { ...late.plan, reason: "late" }))).toBe("lease_lost");
  expect(await countOf(open, "tasks")).toBe(0);
  expect(code(await complete(open, next))).toBe("ok");
});

test("a plan that is handed in twice at the same moment is submitted once", async () => {
  const { open, run_id } = await withGoal();
  const lease = await leasedPlan(open, run_id);
  const answers = await Promise.all([complete(open, lease), complete(open, lease), complete(open, lease)]);
  expect(answers.map((one) => code(one) ?? "").toSorted()).toEqual(["lease_lost", "lease_lost", "ok"]);
  expect(await countOf(open, "tasks")).toBe(2);
});

test("tasks that cannot be submitted are refused with where they stand, and the lease stays", async () => {
  const { open, run_id } = await withGoal();
  const lease = await leasedPlan(open, run_id);
  const refused = await complete(open, lease, [
    { title: "one", depends_on: [1] },
    { title: "two", depends_on: [0, 5] },
  ]);
  expect(refused).toMatchObject({
    problem: { code: "dependency_invalid", errors: [{ pointer: "/packet/tasks/1/depends_on/1" }] },
  });
  expect(await countOf(open, "tasks")).toBe(0);
  expect(code(await complete(open, lease))).toBe("ok");
});

test("a plan that failed may be tried by another, and says why", async () => {
  const { open, run_id } = await withGoal();
  const lease = await leasedPlan(open, run_id);
  const failed = valueOf(await failPlan(open.line, open.admin, { ...lease.plan, reason: "the goal is unclear" }));
  expect(failed.plan).toMatchObject({ state: "failed", reason: "the goal is unclear", expires_at: null });
  const next = await leasedPlan(open, run_id);
  expect(next.plan.id).not.toBe(lease.plan.id);
  const { items } = valueOf(await listPlans(open.line, open.admin, { id: run_id, limit: 10 }));
  expect(items.map(({ state }) => state)).toEqual(["leased", "failed"]);
});

test("heartbeats keep it; a paused run says so, gives no lease, and holds what is handed in", async () => {
  const { open, run_id } = await withGoal();
  const lease = await leasedPlan(open, run_id);
  expect(valueOf(await beatPlan(open.line, open.admin, lease.plan)).directive).toBe("continue");
  valueOf(await pauseRun(open.line, open.admin, { id: run_id }));
  expect(valueOf(await beatPlan(open.line, open.admin, lease.plan)).directive).toBe("pause");
  valueOf(await complete(open, lease));
  expect(await countOf(open, "tasks where held")).toBe(2);
  valueOf(await resumeRun(open.line, open.admin, { id: run_id }));
  expect((await leased(open, "dev")).task.title).toBe("one");
});

test("a paused run is not planned until it is resumed", async () => {
  const { open, run_id } = await withGoal();
  valueOf(await pauseRun(open.line, open.admin, { id: run_id }));
  expect(code(await plan(open, run_id))).toBe("run_closed");
});

test("a killed run takes its plan with it", async () => {
  const { open, run_id } = await withGoal();
  const lease = await leasedPlan(open, run_id);
  valueOf(await killRun(open.line, open.admin, { id: run_id }));
  expect(code(await beatPlan(open.line, open.admin, lease.plan))).toBe("lease_lost");
  expect(code(await complete(open, lease))).toBe("lease_lost");
  expect(code(await plan(open, run_id))).toBe("run_closed");
  expect(await countOf(open, "tasks")).toBe(0);
});

test("a run that came with its tasks has nothing to plan, and a token for some stages may not plan", async () => {
  const { open, run_id } = await withGoal();
  const { run } = await submitted(open, [newTask()]);
  expect(code(await plan(open, run.id))).toBe("transition_not_allowed");
  expect(code(await plan(open, newId()))).toBe("not_found");
  expect(code(await plan(open, run_id, "q", await principal(open.db, "agent", ["qa"])))).toBe("forbidden");
});

test("a plan in the hands of another agent is not there", async () => {
  const { open, run_id } = await withGoal();
  const [mine, other] = [await principal(open.db, "agent"), await principal(open.db, "agent")];
  const lease = valueOf(await plan(open, run_id, newId(), mine)).value;
  expect(code(await complete(open, lease, TASKS, other))).toBe("not_found");
  expect(code(await beatPlan(open.line, other, lease.plan))).toBe("not_found");
  expect(code(await complete(open, lease, TASKS, mine))).toBe("ok");
});

test("who asks for a plan while its holder, almost too late, says that it goes on is told who holds it", async () => {
  const { open, run_id } = await withGoal();
  await leasedPlan(open, run_id);
  await letPlansExpire(open);
  const asked = await open.db.transaction(async (tx) => {
    const beat = "update plans set lease_expires_at = now() + interval '1 minute'";
    await tx.run({ name: "beat", text: beat }, []);
    const waiting = plan(open, run_id);
    await expect.poll(() => countOf(open, HINDERED)).toBe(1);
    return { waiting };
  });
  expect(code(await asked.waiting)).toBe("lease_held");
});

test("a run does not end while somebody plans it, and ends when the plan is given up", async () => {
  const { open, run_id } = await withGoal();
  const { plan: held } = await leasedPlan(open, run_id);
  const { tasks } = valueOf(await addTasks(open.line, open.admin, { id: run_id, tasks: [newTask()] }));
  valueOf(await cancelTask(open.line, open.admin, { id: tasks[0]?.id ?? "" }));
  await open.line.settle();
  await settleRuns(open.line);
  const state = async () => valueOf(await getRun(open.line, open.admin, { id: run_id })).run.state;
  expect(await state()).toBe("active");
  valueOf(await failPlan(open.line, open.admin, { ...held, reason: "no idea" }));
  await settleRuns(open.line);
  expect(await state()).toBe("failed");
});
