/** How a run ends, and that it ends whoever finishes its last task, and when. */
import { STAGES } from "@baton/domain";
import { expect, test } from "vitest";
import { addTasks, approveRun, cancelTask, getRun, pauseRun } from "./index.ts";
import { settleRun, settleRuns } from "./settle-run.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import { handOver, newTask, newTasks, sql, submitted, valueOf } from "./testing/verbs.ts";

const runOf = async (open: TestLine, run: { id: string }) => valueOf(await getRun(open.line, open.admin, run)).run;

async function completeAll(open: TestLine, n: number) {
  for (const stage of STAGES) for (let i = 0; i < n; i += 1) await handOver(open, stage);
  await open.line.settle();
}

test("a run is completed with its last task and not before", async () => {
  const open = await testLine();
  const { run } = await submitted(open, newTasks(2));
  await completeAll(open, 1);
  expect(await runOf(open, run)).toMatchObject({ state: "active", finished_at: null });
  await completeAll(open, 1);
  expect(await runOf(open, run)).toMatchObject({ state: "completed", finished_at: expect.any(String) });
});

test("where the project wants approval the run stops before the end, until somebody approves it", async () => {
  const open = await testLine();
  const project_id = await testProject(open, { settings: { approval: "required" } });
  const { run } = await submitted(open, [newTask()], { project_id });
  expect(await approveRun(open.line, open.admin, run)).toMatchObject({ ok: false, problem: { code: "run_closed" } });
  await completeAll(open, 1);
  expect(await runOf(open, run)).toMatchObject({ state: "ready_for_commit", finished_at: null });
  expect(valueOf(await approveRun(open.line, open.admin, run)).run.state).toBe("completed");
  expect(await approveRun(open.line, open.admin, run)).toMatchObject({ ok: false, problem: { code: "run_closed" } });
});

test("a run may ask for approval though its project does not, and the other way round", async () => {
  const open = await testLine();
  const asking = await submitted(open, [newTask()], { approval: "required" });
  await completeAll(open, 1);
  expect((await runOf(open, asking.run)).state).toBe("ready_for_commit");
  const project_id = await testProject(open, { settings: { approval: "required" } });
  const not = await submitted(open, [newTask()], { project_id, approval: "none" });
  await completeAll(open, 1);
  expect((await runOf(open, not.run)).state).toBe("completed");
});

test("cancelled tasks were taken out of the run: the others decide, and none at all is a failure", async () => {
  const open = await testLine();
  const { run, ids } = await submitted(open, newTasks(2));
  valueOf(await cancelTask(open.line, open.admin, { id: ids[0] ?? "" }));
  await completeAll(open, 1);
  expect((await runOf(open, run)).state).toBe("completed");
  const alone = await submitted(open);
  valueOf(await cancelTask(open.line, open.admin, { id: alone.id }));
  await open.line.settle();
  expect((await runOf(open, alone.run)).state).toBe("failed");
});

test("a task that waits for a person keeps its run open", async () => {
  const open = await testLine();
  const { run, ids } = await submitted(open, newTasks(2));
  await sql(open, "update tasks set state = 'blocked', block_kind = 'approval' where id = $1", ids[0]);
  await completeAll(open, 1);
  expect(await settleRuns(open.line)).toBe(0);
  await settleRun(open.line, open.admin.workspace_id, run.id);
  expect((await runOf(open, run)).state).toBe("active");
});

test("a run with a dead-letter is failed, but only when nothing else is open", async () => {
  const open = await testLine();
  const { run, ids } = await submitted(open, newTasks(2));
  await sql(open, "update tasks set state = 'failed', finished_at = now() where id = $1", ids[0]);
  expect(await settleRuns(open.line)).toBe(0);
  await completeAll(open, 1);
  expect((await runOf(open, run)).state).toBe("failed");
});

test("a paused run ends too when the work that was under way was the last", async () => {
  const open = await testLine();
  const { run } = await submitted(open);
  for (const stage of ["dev", "qa", "sec"] as const) await handOver(open, stage);
  await sql(open, "update tasks set stage = 'complete', state = 'completed', finished_at = now()");
  valueOf(await pauseRun(open.line, open.admin, run));
  expect(await settleRuns(open.line)).toBe(1);
  expect((await runOf(open, run)).state).toBe("completed");
});

test("a run that a crash left open is ended by the director, once", async () => {
  const open = await testLine();
  const { run } = await submitted(open);
  await sql(open, "update tasks set stage = 'complete', state = 'completed', finished_at = now()");
  expect(await settleRuns(open.line)).toBe(1);
  const ended = await runOf(open, run);
  expect(ended.state).toBe("completed");
  expect(await settleRuns(open.line)).toBe(0);
  expect(await runOf(open, run)).toEqual(ended);
});

test("a run that ends while tasks are added either takes them or refuses them", async () => {
  const open = await testLine();
  const { run } = await submitted(open);
  await sql(open, "update tasks set stage = 'complete', state = 'completed', finished_at = now()");
  const [, added] = await Promise.all([
    settleRuns(open.line),
    addTasks(open.line, open.admin, { id: run.id, tasks: [newTask()] }),
  ]);
  const { state } = await runOf(open, run);
  expect([state, added.ok]).toEqual(added.ok ? ["active", true] : ["completed", false]);
});
