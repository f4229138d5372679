/** The queue is away: no verb notices, and everything is made good when it is back. */
import { openProducer } from "@baton/queue";
import { expect, onTestFinished, test } from "vitest";
import { cancelTask, killRun, openLine, pauseRun, relayTickets, rescueTasks, resumeRun, status } from "./index.ts";
import { type TestLine, testLine } from "./testing/index.ts";
import {
  countOf,
  handOver,
  leased,
  letLeasesExpire,
  newTasks,
  rowOf,
  sql,
  submitted,
  valueOf,
} from "./testing/verbs.ts";

/** The same line, seen by a process whose queue does not answer. */
async function withoutQueue(): Promise<{ open: TestLine; away: TestLine }> {
  const open = await testLine();
  const errors: unknown[] = [];
  const onError = (error: unknown) => errors.push(error);
  const producer = openProducer({ kind: "redis", url: "redis://127.0.0.1:1" }, { onError });
  const line = openLine({ db: open.db, store: open.store, producer, onError });
  onTestFinished(async () => {
    await line.settle();
    await producer.close();
  });
  return { open, away: { ...open, line, producer, errors } };
}

test("with the queue away tasks are submitted, worked and completed, and nobody waits for it", async () => {
  const { away } = await withoutQueue();
  const began = performance.now();
  const { id } = await submitted(away, newTasks(1));
  for (const _ of [1, 2, 3]) await submitted(away);
  for (const stage of ["dev", "qa", "sec", "docs"] as const) await handOver(away, stage);
  // A verb that waited for the queue would wait for two seconds.
  expect(performance.now() - began).toBeLessThan(5_500);
  expect(await rowOf(away, id)).toMatchObject({ state: "completed" });
  expect(await countOf(away, "outbox")).toBe(7);
});

test("with the queue away runs are paused, resumed and killed, and dead agents' tasks taken back", async () => {
  const { away } = await withoutQueue();
  const { run, id } = await submitted(away, newTasks(2));
  await leased(away, "dev");
  await letLeasesExpire(away);
  expect(await rescueTasks(away.line)).toBe(1);
  valueOf(await pauseRun(away.line, away.admin, run));
  valueOf(await resumeRun(away.line, away.admin, run));
  valueOf(await cancelTask(away.line, away.admin, { id }));
  expect(valueOf(await killRun(away.line, away.admin, { id: run.id })).cancelled_tasks).toBe(1);
  expect(await status(away.line, null)).toMatchObject({ database: { ok: true }, queue: { ok: false } });
});

test("what was committed while the queue was away is sent when it is back", async () => {
  const { open, away } = await withoutQueue();
  await submitted(away, newTasks(3));
  await handOver(away, "dev");
  await away.line.settle();
  expect(away.errors.length).toBeGreaterThan(0);
  await sql(away, "update outbox set created_at = now() - interval '1 s'");
  await expect(relayTickets(away.line)).rejects.toThrow("does not answer");
  expect(await countOf(away, "outbox")).toBe(4);
  expect(await relayTickets(open.line)).toBe(4);
  const depth = await open.producer.depth();
  expect([depth.dev.waiting, depth.qa.waiting]).toEqual([3, 1]);
  expect(await countOf(open, "outbox")).toBe(0);
});
