/** The fast path of tickets: into the queue at once, and out of the outbox soon after. */
import { expect, test } from "vitest";
import { openReminder } from "./reminder.ts";
import { testLine } from "./testing/index.ts";
import { countOf, newTasks, submitted } from "./testing/verbs.ts";

test("a ticket is in the queue before it is forgotten, and forgotten without anybody asking for it", async () => {
  const open = await testLine();
  await submitted(open, newTasks(30));
  await expect.poll(async () => (await open.producer.depth()).dev.waiting).toBe(30);
  await expect.poll(() => countOf(open, "outbox")).toBe(0);
});

test("settling forgets what was sent, at once and once", async () => {
  const open = await testLine();
  await submitted(open, newTasks(3));
  await open.line.settle();
  expect(await countOf(open, "outbox")).toBe(0);
  await submitted(open, newTasks(2));
  await Promise.all([open.line.settle(), open.line.settle()]);
  expect(await countOf(open, "outbox")).toBe(0);
  expect((await open.producer.depth()).dev.waiting).toBe(5);
  expect(open.errors).toEqual([]);
});

test("a queue that is away is told of now and then, not with every ticket", async () => {
  const open = await testLine();
  const errors: unknown[] = [];
  await open.producer.close();
  const reminder = openReminder({ db: open.db, producer: open.producer, onError: (error) => errors.push(error) });
  const begun = performance.now();
  for (let n = 1; n <= 50; n += 1) {
    const ids = { task_id: crypto.randomUUID(), run_id: crypto.randomUUID() };
    reminder.remind({ outbox_id: n, ...ids, stage: "dev", visit: 1, dispatch: 1, bundle: null });
    await reminder.settle();
  }
  const seconds = (performance.now() - begun) / 1_000;
  expect(errors.length).toBeGreaterThanOrEqual(1);
  expect(errors.length).toBeLessThanOrEqual(Math.ceil(seconds) + 1);
});
