/** The reconciler on the Postgres back end: a ticket that is gone is renewed, one that is there is left alone. */
import { ticketId } from "@baton/queue";
import { expect, test } from "vitest";
import { openReconciler } from "./index.ts";
import { newestTicket } from "./newest-ticket.ts";
import { testLine, testProject } from "./testing/index.ts";
import { assigned, newTasks, rowOf, sql, submitted } from "./testing/verbs.ts";

async function hostedProject() {
  const open = await testLine();
  const commands = { dev: { run: "true", timeout_s: 60 } };
  const project_id = await testProject(open, { repository_url: "/repository", settings: { commands } });
  return { open, project_id };
}

/** Tasks whose stage is served by hosted workers, each with a ticket of its own, old enough to be missed. */
async function waiting(n: number) {
  const { open, project_id } = await hostedProject();
  const ids: string[] = [];
  for (let i = 0; i < n; i += 1) ids.push((await submitted(open, newTasks(1), { project_id })).id);
  await open.line.settle();
  await ageTickets(open);
  return { open, ids };
}

/** The same, submitted together. */
async function waitingInBundles(n: number) {
  const { open, project_id } = await hostedProject();
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
  const { open } = await waitingInBundles(1_000);
  expect((await open.producer.depth()).dev.waiting).toBe(40);
  expect(await openReconciler(open.line).tick()).toBe(0);
  await sql(open, "update tasks set bundle = gen_random_uuid()");
  expect(await openReconciler(open.line).tick()).toBe(1_000);
  await open.line.settle();
  expect((await open.producer.depth()).dev.waiting).toBe(80);
});

test("a ticket that stood for several tasks and is gone is renewed for those that it has left behind", async () => {
  const { open, ids } = await waitingInBundles(30);
  const queue = open.producer.queues().find(({ name }) => name === "dev");
  const [taken, lost] = [await rowOf(open, ids[0] ?? ""), await rowOf(open, ids[1] ?? "")];
  expect(taken.bundle).toBe(lost.bundle);
  await assigned(open, taken.id);
  await queue?.remove(newestTicket(lost).map(ticketId)[0] ?? "");
  expect(await openReconciler(open.line).tick()).toBe(24);
  await open.line.settle();
  const renewed = await rowOf(open, lost.id);
  expect(renewed).toMatchObject({ dispatch: 2, seq: lost.seq });
  expect(await open.producer.missing(newestTicket(renewed))).toEqual([]);
  expect((await open.producer.depth()).dev.waiting).toBe(2);
});
