/** Dependencies: what can never begin is refused, what has to wait waits, and goes on by itself. */
import { newId } from "@baton/db";
import { STAGES } from "@baton/domain";
import { expect, test } from "vitest";
import { addTasks, createRun, explain } from "./index.ts";
import { newestTicket } from "./newest-ticket.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import { claimed, countOf, HINDERED, handOver, newTask, rowOf, sql, submitted, valueOf } from "./testing/verbs.ts";
import { unblockWaiting } from "./waiting.ts";

async function creating(open: TestLine, depends_on: (number | string)[][]) {
  const tasks = depends_on.map((on) => newTask({ depends_on: on }));
  return createRun(open.line, open.admin, { project_id: await testProject(open), name: "run", tasks, options: {} });
}

test("a task waits until the last of its dependencies is completed, and then goes on by itself", async () => {
  const open = await testLine();
  const { ids } = await submitted(open, [newTask(), newTask(), newTask({ depends_on: [0, 1] })]);
  const waiting = ids[2] ?? "";
  for (const stage of STAGES) await handOver(open, stage);
  await open.line.settle();
  expect(await rowOf(open, waiting)).toMatchObject({ state: "blocked", block_kind: "dependency" });
  for (const stage of STAGES) await handOver(open, stage);
  await open.line.settle();
  expect(await rowOf(open, waiting)).toMatchObject({ state: "pending", stage: "dev", block_kind: null });
  expect(await open.producer.missing(newestTicket(await rowOf(open, waiting)))).toEqual([]);
  expect((await claimed(open, "dev"))?.task.id).toBe(waiting);
});

test("what a crash left waiting is found by the director", async () => {
  const open = await testLine();
  const { ids } = await submitted(open, [newTask(), newTask({ depends_on: [0] })]);
  await sql(
    open,
    "update tasks set stage = 'complete', state = 'completed', finished_at = now() where id = $1",
    ids[0],
  );
  const counts = await Promise.all([unblockWaiting(open.line), unblockWaiting(open.line)]);
  expect(counts.sort()).toEqual([0, 1]);
  expect(await rowOf(open, ids[1] ?? "")).toMatchObject({ state: "pending" });
});

test("a task that waits says for what, and its dependency says what it frees", async () => {
  const open = await testLine();
  const { ids } = await submitted(open, [newTask({ title: "first" }), newTask({ title: "second", depends_on: [0] })]);
  const [first, second] = [ids[0] ?? "", ids[1] ?? ""];
  expect(valueOf(await explain(open.line, open.admin, { id: second }))).toMatchObject({
    ...{ moving: false, why: "It waits: first is pending.", blockers: [{ kind: "dependency", task_id: first }] },
  });
  expect(valueOf(await explain(open.line, open.admin, { id: first })).frees).toEqual([
    { task_id: second, title: "second" },
  ]);
});

test.each([
  ["itself", [[0]], ["/tasks/0/depends_on"]],
  ["a task that waits for it", [[1], [0]], ["/tasks/0/depends_on", "/tasks/1/depends_on"]],
  ["itself over three others", [[], [0, 4], [1], [2], [3]], [1, 2, 3, 4].map((i) => `/tasks/${i}/depends_on`)],
  ["a position that is not there", [[], [0, 2]], ["/tasks/1/depends_on/1"]],
  ["a task that nobody knows", [[newId()]], ["/tasks/0/depends_on/0"]],
])("a task that depends on %s is refused, and nothing of its run is written", async (_, depends_on, pointers) => {
  const open = await testLine();
  const refused = await creating(open, depends_on);
  if (refused.ok) throw new Error("allowed");
  expect(refused.problem.code).toBe("dependency_invalid");
  expect(refused.problem.errors?.map((error) => error.pointer)).toEqual(pointers);
  expect(await countOf(open, "runs")).toBe(0);
});

test("a task of another workspace is a task that nobody knows", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const elsewhere = newId();
  await sql(open, "insert into workspaces (id, name) values ($1, 'other')", elsewhere);
  const stranger = { ...open, admin: { ...open.admin, workspace_id: elsewhere } };
  expect(await creating(stranger, [[id]])).toMatchObject({ ok: false, problem: { code: "dependency_invalid" } });
});

test("many may wait for one, and one may be named twice", async () => {
  const open = await testLine();
  const { ids, tasks } = await submitted(open, [
    newTask(),
    newTask({ depends_on: [0, 0] }),
    newTask({ depends_on: [0] }),
  ]);
  expect(tasks.map((task) => task.depends_on)).toEqual([[], [ids[0]], [ids[0]]]);
  for (const stage of STAGES) await handOver(open, stage);
  await open.line.settle();
  expect(await countOf(open, "tasks where state = 'pending'")).toBe(2);
});

test("tasks added later may depend on those of the run, and do not wait for completed ones", async () => {
  const open = await testLine();
  const { run, ids } = await submitted(open, [newTask(), newTask()]);
  const [done, pending] = [ids[0] ?? "", ids[1] ?? ""];
  for (const stage of STAGES) await handOver(open, stage);
  const tasks = [
    newTask({ depends_on: [done] }),
    newTask({ depends_on: [done, pending] }),
    newTask({ depends_on: [0] }),
  ];
  const added = valueOf(await addTasks(open.line, open.admin, { id: run.id, tasks }));
  expect(added.tasks.map((task) => task.state)).toEqual(["pending", "blocked", "blocked"]);
});

test("a task whose dependency is taken up again while it is submitted waits for it", async () => {
  const open = await testLine();
  const { id, run } = await submitted(open);
  const set = (what: string) => ({ name: what.slice(0, 40), text: `update tasks set ${what} where id = $1` });
  await sql(open, set("stage = 'complete', state = 'completed', finished_at = now()").text, id);
  const adding = await open.db.transaction(async (tx) => {
    await tx.run(set("stage = 'dev', state = 'pending', finished_at = null"), [id]);
    const waiting = addTasks(open.line, open.admin, { id: run.id, tasks: [newTask({ depends_on: [id] })] });
    await expect.poll(() => countOf(open, HINDERED)).toBe(1);
    return { waiting };
  });
  expect(valueOf(await adding.waiting).tasks).toMatchObject([{ state: "blocked" }]);
});
