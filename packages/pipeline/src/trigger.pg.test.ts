/** Triggering: hosted workers leave a run alone until they may start, then have its tasks at once; pulling agents are not asked. */
import { expect, test } from "vitest";
import { createRun, killRun, openReconciler, pauseRun, resumeRun, triggerAgent, triggerPipeline } from "./index.ts";
import { newestTicket } from "./newest-ticket.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import { assigned, leased, newTasks, rowOf, sql, valueOf } from "./testing/verbs.ts";

const commands = { dev: { run: "true", timeout_s: 60 } };

/** Three tasks for hosted workers, their first tickets already sent. */
async function run(auto_trigger: boolean, own?: boolean) {
  const open = await testLine();
  const settings = { commands, ...(own !== undefined && { auto_trigger: own }) };
  const project_id = await testProject(open, { repository_url: "/repository", settings });
  const input = { project_id, name: "run", tasks: newTasks(3), options: {}, auto_trigger };
  const made = valueOf(await createRun(open.line, open.admin, input));
  await open.line.settle();
  return { open, run: made.run, ids: made.tasks.map((task) => task.id), id: made.tasks[0]?.id ?? "" };
}

const ALL = ["dev", "qa", "sec", "docs"];
const took = (open: TestLine, id: string) =>
  assigned(open, id).then(
    () => true,
    () => false,
  );

test.each([
  [true, undefined, ALL],
  [false, undefined, []],
  [true, false, []],
  [false, true, ALL],
])("with the server's setting %j and the project's %j a new run is triggered in %j", async (server, own, triggered) => {
  const { open, run: made, id } = await run(server, own);
  expect(made.triggered).toEqual(triggered);
  expect(await took(open, id)).toBe(triggered.length > 0);
});

test("a triggered stage has fresh tickets at once, which workers can claim", async () => {
  const { open, run: made, ids, id } = await run(false);
  await open.producer.remove(newestTicket(await rowOf(open, id)));
  const triggered = valueOf(await triggerAgent(open.line, open.admin, { id: made.id, stage: "dev" })).run.triggered;
  expect(triggered).toEqual(["dev"]);
  await open.line.settle();
  const rows = await Promise.all(ids.map((one) => rowOf(open, one)));
  expect(rows.map((row) => row.dispatch)).toEqual([2, 2, 2]);
  expect(await open.producer.missing(rows.flatMap(newestTicket))).toEqual([]);
  expect(await took(open, id)).toBe(true);
});

test("triggering another stage leaves ready tasks elsewhere alone", async () => {
  const { open, run: made, id } = await run(false);
  valueOf(await triggerAgent(open.line, open.admin, { id: made.id, stage: "qa" }));
  expect((await rowOf(open, id)).dispatch).toBe(1);
  expect(await took(open, id)).toBe(false);
  expect(valueOf(await triggerPipeline(open.line, open.admin, { id: made.id })).run.triggered).toEqual(ALL);
  expect(await took(open, id)).toBe(true);
});

test("triggering twice, also at the same moment, gives each task one new ticket", async () => {
  const { open, run: made, ids } = await run(false);
  const trigger = () => triggerPipeline(open.line, open.admin, { id: made.id });
  for (const answer of await Promise.all([trigger(), trigger(), trigger()])) valueOf(answer);
  const rows = await Promise.all(ids.map((one) => rowOf(open, one)));
  expect(rows.map((row) => row.dispatch)).toEqual([2, 2, 2]);
});

test("the reconciler renews no ticket of a run that waits to be triggered", async () => {
  const { open, run: made, id } = await run(false);
  await open.producer.remove(newestTicket(await rowOf(open, id)));
  const age = () => sql(open, "update tasks set dispatched_at = now() - interval '10 s'");
  await age();
  expect(await openReconciler(open.line).tick()).toBe(0);
  valueOf(await triggerPipeline(open.line, open.admin, { id: made.id }));
  await open.line.settle();
  await open.producer.remove(newestTicket(await rowOf(open, id)));
  await age();
  expect(await openReconciler(open.line).tick()).toBe(1);
});

test("pulling agents take what is ready, triggered or not", async () => {
  const { open, ids } = await run(false);
  expect(ids).toContain((await leased(open, "dev")).task.id);
});

test("a paused run is triggered when it is resumed, and one that is over is not", async () => {
  const { open, run: made, id } = await run(false);
  valueOf(await pauseRun(open.line, open.admin, { id: made.id }));
  valueOf(await triggerPipeline(open.line, open.admin, { id: made.id }));
  expect(await took(open, id)).toBe(false);
  valueOf(await resumeRun(open.line, open.admin, { id: made.id }));
  expect(await took(open, id)).toBe(true);
  valueOf(await killRun(open.line, open.admin, { id: made.id }));
  expect(await triggerPipeline(open.line, open.admin, { id: made.id })).toMatchObject({
    problem: { code: "run_closed" },
  });
});
