/** Kill: what holds from the moment it answers, for good. */
import { expect, test } from "vitest";
import {
  addTasks,
  blockLease,
  failLease,
  getRun,
  heartbeatLease,
  killRun,
  pauseRun,
  releaseLease,
  reopenTask,
  resumeRun,
  setStage,
} from "./index.ts";
import { testLine } from "./testing/index.ts";
import {
  claimers,
  complete,
  countOf,
  handOver,
  leased,
  newTask,
  newTasks,
  rowOf,
  submitted,
  valueOf,
} from "./testing/verbs.ts";

test("after a kill has answered no lease is given and none is held, however many ask at that moment", async () => {
  const open = await testLine();
  const { run } = await submitted(open, newTasks(300));
  const asking = claimers(open, 8);
  await expect.poll(asking.given).toBeGreaterThan(10);
  const killed = valueOf(await killRun(open.line, open.admin, { id: run.id }));
  const then = await countOf(open, "attempts");
  expect(await asking.stop()).toBe(then);
  expect(killed.cancelled_tasks).toBe(300);
  expect(await countOf(open, "tasks where state <> 'cancelled'")).toBe(0);
  expect(await countOf(open, "attempts where ended_at is null")).toBe(0);
});

test("whatever the holder of a killed task sends is refused, and its heartbeat is told to cancel", async () => {
  const open = await testLine();
  const { run, id } = await submitted(open);
  const { ref } = await leased(open, "dev");
  valueOf(await killRun(open.line, open.admin, { id: run.id, reason: "wrong branch" }));
  const before = await rowOf(open, id);
  expect(valueOf(await heartbeatLease(open.line, open.admin, ref)).directive).toBe("cancel");
  const error = { message: "no", fault: "task" } as const;
  const ends = [
    await complete(open, ref),
    await failLease(open.line, open.admin, { ...ref, error }),
    await blockLease(open.line, open.admin, { ...ref, kind: "needs_input", reason: "?" }),
    await releaseLease(open.line, open.admin, ref),
  ];
  for (const end of ends) expect(end).toMatchObject({ ok: false, problem: { code: "lease_lost" } });
  expect(await rowOf(open, id)).toEqual(before);
  expect(valueOf(await getRun(open.line, open.admin, run)).run).toMatchObject({
    state: "killed",
    reason: "wrong branch",
  });
});

test("killing takes the tickets out of the queue and leaves what is completed", async () => {
  const open = await testLine();
  const { run, ids } = await submitted(open, newTasks(3));
  for (const stage of ["dev", "qa", "sec", "docs"] as const) await handOver(open, stage);
  await open.line.settle();
  expect(valueOf(await killRun(open.line, open.admin, { id: run.id })).cancelled_tasks).toBe(2);
  await expect.poll(async () => (await open.producer.depth()).dev.waiting).toBe(0);
  const states = await Promise.all(ids.map(async (id) => (await rowOf(open, id)).state));
  expect(states).toEqual(["completed", "cancelled", "cancelled"]);
});

test("a killed run stays killed: nothing is reopened, set or added, and killing it again cancels nothing", async () => {
  const open = await testLine();
  const { run, id } = await submitted(open);
  valueOf(await killRun(open.line, open.admin, { id: run.id }));
  const tries = [
    await reopenTask(open.line, open.admin, { id }),
    await setStage(open.line, open.admin, { id, stage: "qa" }),
    await addTasks(open.line, open.admin, { id: run.id, tasks: [newTask()] }),
    await resumeRun(open.line, open.admin, run),
    await pauseRun(open.line, open.admin, run),
  ];
  for (const one of tries) expect(one).toMatchObject({ ok: false, problem: { code: "run_closed" } });
  expect(valueOf(await killRun(open.line, open.admin, { id: run.id }))).toMatchObject({
    cancelled_tasks: 0,
    run: { state: "killed" },
  });
});

test("a run of more tasks than a page holds is killed as a whole", async () => {
  const open = await testLine();
  const { run } = await submitted(open, newTasks(1_000));
  valueOf(await addTasks(open.line, open.admin, { id: run.id, tasks: newTasks(50) }));
  expect(valueOf(await killRun(open.line, open.admin, { id: run.id })).cancelled_tasks).toBe(1_050);
  expect(await countOf(open, "events where type = 'cancelled'")).toBe(1_050);
});
