/** The reconciler on the Postgres back end: a ticket that is gone is renewed, one that is there is left alone. */
import { expect, test } from "vitest";
import { openReconciler } from "./index.ts";
import { newestTicket } from "./newest-ticket.ts";
import { testLine, testProject } from "./testing/index.ts";
import { assigned, newTasks, rowOf, sql, submitted } from "./testing/verbs.ts";

/** Tasks whose stage is served by hosted workers, with tickets old enough to be missed. */
async function waiting(n: number) {
  const open = await testLine();
  const commands = { dev: { run: "true", timeout_s: 60 } };
  const project_id = await testProject(open, { repository_url: "/repository", settings: { commands } });
  const { ids } = await submitted(open, newTasks(n), { project_id });
  await open.line.settle();
  await ageTickets(open);
  return { open, ids };
}

const ageTickets = (open: Parameters<typeof sql>[0]) =>
  sql(open, "update tasks set dispatched_at = now() - interval '10 s'");

test("tickets that are there are left alone", async () => {
  const { open, ids } = await waiting(5);
  expect(await openReconciler(open.line).tick()).toBe(0);
  expect((await rowOf(open, ids[0] ?? "")).dispatch).toBe(1);
});

test("a ticket that is gone is renewed under the next dispatch number, and is in the queue again", async () => {
  const { open, ids } = await waiting(5);
  const [lost, kept] = [await rowOf(open, ids[0] ?? ""), await rowOf(open, ids[1] ?? "")];
  await open.producer.remove(newestTicket(lost));
  expect(await openReconciler(open.line).tick()).toBe(1);
  await open.line.settle();
  const renewed = await rowOf(open, lost.id);
  expect(renewed).toMatchObject({ dispatch: 2, seq: lost.seq });
  expect((await rowOf(open, kept.id)).dispatch).toBe(1);
  expect(await open.producer.missing(newestTicket(renewed))).toEqual([]);
  expect((await open.producer.depth()).dev.waiting).toBe(5);
});

test("a renewed ticket has time to arrive before it is missed again", async () => {
  const { open, ids } = await waiting(1);
  await open.producer.remove(newestTicket(await rowOf(open, ids[0] ?? "")));
  const reconciler = openReconciler(open.line);
  expect(await reconciler.tick()).toBe(1);
  await open.producer.remove(newestTicket(await rowOf(open, ids[0] ?? "")));
  expect(await reconciler.tick()).toBe(0);
  await ageTickets(open);
  expect(await reconciler.tick()).toBe(1);
});

test("a task that somebody holds needs no ticket", async () => {
  const { open, ids } = await waiting(1);
  await assigned(open, ids[0] ?? "");
  await open.producer.remove(newestTicket(await rowOf(open, ids[0] ?? "")));
  expect(await openReconciler(open.line).tick()).toBe(0);
});

test("several who miss the same tickets at the same moment renew each once", async () => {
  const { open, ids } = await waiting(20);
  for (const id of ids) await open.producer.remove(newestTicket(await rowOf(open, id)));
  const counts = await Promise.all([1, 2, 3].map(() => openReconciler(open.line).tick()));
  expect(counts.reduce((sum, count) => sum + count)).toBe(20);
});

test("a deep backlog is gone through page by page", async () => {
  const { open } = await waiting(1_000);
  await sql(open, "update tasks set dispatch = 2");
  expect(await openReconciler(open.line).tick()).toBe(1_000);
  await open.line.settle();
  expect((await open.producer.depth()).dev.waiting).toBe(2_000);
});
