/** The rescuer: takes back what nobody holds any more, once, and nothing else. */
import { expect, test } from "vitest";
import { getRun, heartbeatLease, pauseRun, rescueTasks } from "./index.ts";
import { testLine } from "./testing/index.ts";
import {
  claimed,
  complete,
  countOf,
  happened,
  leased,
  letLeasesExpire,
  newTasks,
  rowOf,
  sql,
  submitted,
} from "./testing/verbs.ts";

test("a lease that is over is a crash: the task is ready again, with a new ticket", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  await leased(open, "dev");
  await letLeasesExpire(open);
  expect(await rescueTasks(open.line)).toBe(1);
  expect(await rowOf(open, id)).toMatchObject({ state: "pending", stage: "dev", crashes: 1, visit: 1, lease_id: null });
  expect(await sql(open, "select outcome from attempts")).toEqual([{ outcome: "expire" }]);
  await open.line.settle();
  expect((await open.producer.depth()).dev.waiting).toBe(1);
});

test("the third crash makes the task a dead-letter and its run failed", async () => {
  const open = await testLine();
  const { id, run } = await submitted(open);
  for (let crash = 1; crash <= 3; crash += 1) {
    await leased(open, "dev");
    await letLeasesExpire(open);
    await rescueTasks(open.line);
  }
  expect(await rowOf(open, id)).toMatchObject({ state: "failed", crashes: 3, finished_at: expect.any(Date) });
  await open.line.settle();
  expect(await getRun(open.line, open.admin, { id: run.id })).toMatchObject({ value: { run: { state: "failed" } } });
});

test("a lease that lives is left alone", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const { ref } = await leased(open, "dev");
  expect(await rescueTasks(open.line)).toBe(0);
  expect(await happened(open, id)).toEqual(["submitted", "claimed"]);
  expect(await heartbeatLease(open.line, open.admin, ref)).toMatchObject({ value: { directive: "continue" } });
});

test("whether the holder completes or the rescuer comes first, exactly one of them counts", async () => {
  const open = await testLine();
  const { ids } = await submitted(open, newTasks(30));
  const leases = [];
  for (const _ of ids) leases.push(await leased(open, "dev"));
  await sql(open, "update tasks set lease_expires_at = clock_timestamp() + (random() * 150 || ' ms')::interval");
  let rescued = 0;
  const rescuing = (async () => {
    while ((await countOf(open, "tasks where state = 'running'")) > 0) rescued += await rescueTasks(open.line);
  })();
  const ends = await Promise.all(leases.map(({ ref }) => complete(open, ref)));
  await rescuing;
  const completed = ends.filter((end) => end.ok).length;
  expect(completed + rescued).toBe(30);
  for (const [i, { task }] of leases.entries()) {
    expect((await happened(open, task.id)).slice(2)).toEqual([ends[i]?.ok ? "passed" : "expired"]);
  }
});

test("two rescuers at the same moment take each task back once", async () => {
  const open = await testLine();
  const { ids } = await submitted(open, newTasks(20));
  for (const _ of ids) await leased(open, "dev");
  await letLeasesExpire(open);
  const counts = await Promise.all([1, 2, 3].map(() => rescueTasks(open.line)));
  expect(counts.reduce((sum, count) => sum + count)).toBe(20);
  expect(await countOf(open, "events where type = 'expired'")).toBe(20);
});

test("a task of a paused run is taken back and not given out", async () => {
  const open = await testLine();
  const { run, id } = await submitted(open);
  await leased(open, "dev");
  await pauseRun(open.line, open.admin, { id: run.id });
  await letLeasesExpire(open);
  expect(await rescueTasks(open.line)).toBe(1);
  expect(await rowOf(open, id)).toMatchObject({ state: "pending", held: true });
  expect(await claimed(open, "dev")).toBe(null);
});

/** As if all had been claimed and their holders had died: a thousand claims would take too long here. */
const allDied = `update tasks set state = 'running', epoch = 1, lease_id = gen_random_uuid(),
  lease_expires_at = now() - interval '1 s'`;

test("more leases than a page holds are taken back in one pass", async () => {
  const open = await testLine();
  await submitted(open, newTasks(520));
  await sql(open, allDied);
  expect(await rescueTasks(open.line)).toBe(520);
});

test("a task that cannot be taken back holds up no other, and is reported", async () => {
  const open = await testLine();
  const { ids, id } = await submitted(open, newTasks(5));
  await sql(open, allDied);
  await sql(open, "update events set seq = 2 where task_id = $1", id);
  expect(await rescueTasks(open.line)).toBe(4);
  expect(await Promise.all(ids.map(async (one) => (await rowOf(open, one)).state))).toEqual([
    ...["running", "pending", "pending", "pending", "pending"],
  ]);
  expect(open.errors).toHaveLength(1);
});
