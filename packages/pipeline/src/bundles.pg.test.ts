/** Tickets that go as one, from the statement that writes their tasks to the queue. */
import { openConsumer } from "@baton/queue";
import { expect, test } from "vitest";
import { lookForWork, pauseRun, relayTickets, resumeRun } from "./index.ts";
import { newestTicket } from "./newest-ticket.ts";
import { done, worker } from "./testing/hosted-work.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import { newTasks, rowOf, sql, submitted } from "./testing/verbs.ts";

const hosted = { dev: { run: "true", timeout_s: 60 }, qa: { run: "true", timeout_s: 60 } };

async function submittedTo(commands: object, count: number) {
  const open = await testLine();
  const project_id = await testProject(open, { repository_url: "/repository", settings: { commands } });
  const { ids, run } = await submitted(open, newTasks(count), { project_id });
  await open.line.settle();
  return { open, ids, run_id: run.id };
}

const depthOf = async ({ producer }: TestLine) => {
  const { dev, qa } = await producer.depth();
  return [dev.waiting, qa.waiting];
};

/** All of them pass dev at the same moment. */
async function passDev({ line }: TestLine, ids: readonly string[]): Promise<void> {
  const together = Promise.withResolvers<void>();
  const work = async () => {
    await together.promise;
    return done;
  };
  const looks = ids.map((task_id) => lookForWork(line, { task_id, stage: "dev", visit: 1, dispatch: 1 }, worker(work)));
  const begun = await Promise.all(looks);
  together.resolve();
  const words = begun.map((one) => one?.work ?? Promise.resolve("nothing to do"));
  expect(await Promise.all(words)).toEqual(ids.map(() => "pass"));
  await line.settle();
}

test("tasks that are submitted together, and go on together, share their tickets", async () => {
  const { open, ids } = await submittedTo(hosted, 8);
  expect(await depthOf(open)).toEqual([1, 0]);
  await passDev(open, ids);
  expect(await depthOf(open)).toEqual([1, 1]);
  const bundles = await sql<{ bundle: string }>(open, "select distinct bundle from tasks where stage = 'qa'");
  expect(bundles).toEqual([{ bundle: expect.any(String) as string }]);
});

test("where agents pull each task has a ticket of its own", async () => {
  const { open, ids } = await submittedTo({ dev: hosted.dev }, 3);
  await passDev(open, ids);
  expect(await depthOf(open)).toEqual([1, 3]);
});

test("what a crash left unsent is sent once for all tasks that share it", async () => {
  const { open } = await submittedTo(hosted, 8);
  await sql(
    open,
    `insert into outbox (task_id, stage, visit, dispatch, bundle, created_at)
     select id, stage, visit, dispatch, '00000000-0000-7000-8000-000000000001', now() - interval '10 s' from tasks`,
  );
  expect(await relayTickets(open.line)).toBe(8);
  expect(await depthOf(open)).toEqual([2, 0]);
  expect(await sql(open, "select from outbox")).toEqual([]);
});

test("tasks of a run that is resumed have tickets of their own again", async () => {
  const { open, ids, run_id } = await submittedTo(hosted, 3);
  await pauseRun(open.line, open.admin, { id: run_id });
  await resumeRun(open.line, open.admin, { id: run_id });
  await open.line.settle();
  const rows = await Promise.all(ids.map((id) => rowOf(open, id)));
  expect(rows.map(({ bundle }) => bundle)).toEqual([null, null, null]);
  expect(await open.producer.missing(rows.flatMap(newestTicket))).toEqual([]);
});

test("a shared ticket is looked at as often as tasks share it", async () => {
  const { open } = await submittedTo(hosted, 8);
  let looks = 0;
  const look = () => {
    looks += 1;
    return Promise.resolve(null);
  };
  const { producer, onError } = { producer: open.producer, onError: () => {} };
  const consumer = openConsumer(open.backend, "dev", { concurrency: 50, look, producer, onError });
  await expect.poll(() => looks, { timeout: 5_000 }).toBe(8);
  expect(await consumer.drain(5_000)).toBe("drained");
  expect(looks).toBe(8);
  expect(await depthOf(open)).toEqual([0, 0]);
});
