/** Pause and resume: what holds from the moment they answer. */
import { newId } from "@baton/db";
import { expect, test } from "vitest";
import { addTasks, explain, getRun, heartbeatLease, killRun, pauseRun, resumeRun } from "./index.ts";
import { testLine } from "./testing/index.ts";
import {
  claimed,
  claimers,
  complete,
  countOf,
  leased,
  newTask,
  newTasks,
  rowOf,
  submitted,
  valueOf,
} from "./testing/verbs.ts";

test("after a pause has answered no lease is given, however many ask at that moment", async () => {
  const open = await testLine();
  const { run } = await submitted(open, newTasks(300));
  const asking = claimers(open, 8);
  await expect.poll(asking.given).toBeGreaterThan(10);
  valueOf(await pauseRun(open.line, open.admin, { id: run.id }));
  const then = await countOf(open, "attempts");
  await Promise.all([1, 2, 3, 4, 5].map(() => claimed(open, "dev")));
  expect(await asking.stop()).toBe(then);
  expect(then).toBeLessThan(300);
});

test("work of a paused run may be finished, and goes on when the run does", async () => {
  const open = await testLine();
  const { run, id } = await submitted(open);
  const { ref } = await leased(open, "dev");
  valueOf(await pauseRun(open.line, open.admin, { id: run.id }));
  expect(valueOf(await heartbeatLease(open.line, open.admin, ref)).directive).toBe("pause");
  valueOf(await complete(open, ref));
  expect(await claimed(open, "qa")).toBe(null);
  expect(valueOf(await explain(open.line, open.admin, { id })).why).toContain("the run is paused. Resume the run.");
  valueOf(await resumeRun(open.line, open.admin, { id: run.id }));
  await open.line.settle();
  expect((await open.producer.depth()).qa.waiting).toBe(1);
  expect((await claimed(open, "qa"))?.task.id).toBe(id);
});

test("tasks that are added to a paused run wait with it", async () => {
  const open = await testLine();
  const { run } = await submitted(open);
  valueOf(await pauseRun(open.line, open.admin, { id: run.id }));
  valueOf(await addTasks(open.line, open.admin, { id: run.id, tasks: [newTask()] }));
  expect(await claimed(open, "dev")).toBe(null);
  valueOf(await resumeRun(open.line, open.admin, { id: run.id }));
  expect(await claimed(open, "dev")).not.toBe(null);
  expect(await claimed(open, "dev")).not.toBe(null);
});

test("pausing and resuming twice is pausing and resuming once", async () => {
  const open = await testLine();
  const { run, id } = await submitted(open);
  for (const _ of [1, 2]) expect(valueOf(await pauseRun(open.line, open.admin, run)).run.state).toBe("paused");
  for (const _ of [1, 2]) expect(valueOf(await resumeRun(open.line, open.admin, run)).run.state).toBe("active");
  expect((await rowOf(open, id)).dispatch).toBe(2);
});

test("a run of another workspace is not there", async () => {
  const open = await testLine();
  const { run } = await submitted(open);
  const stranger = { ...open.admin, workspace_id: newId() };
  for (const verb of [pauseRun, resumeRun, killRun, getRun]) {
    expect(await verb(open.line, stranger, { id: run.id })).toMatchObject({
      ok: false,
      problem: { code: "not_found" },
    });
  }
});
