/** What agents that wait are promised over HTTP, whichever back end reminds. Its tests belong to the `describe` that calls it. */
import { relayTickets } from "@baton/pipeline";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import type { QueueLab } from "./queue-lab.ts";
import { type Served, serve } from "./served.ts";
import { claimBody, claimed, run } from "./work.ts";

/** A wait of this length that nobody ended ends with a look of its own, later than any test allows. */
const WAIT_S = 30;
const IN_TIME_MS = 20_000;
const LONG = { timeout: 60_000 };

/** An agent that waits, and how it came out. */
function waiter(api: Served, id: string) {
  const began = performance.now();
  const body = { ...claimBody(["dev"], { wait_s: WAIT_S }), agent: { id } };
  const done = api.agent.call("claim", { body }).then(({ status, value }) => {
    return { status, task: value?.task.id, lease: value?.lease, ms: performance.now() - began };
  });
  return { body, done };
}

const waiters = (api: Served, count: number) => Array.from({ length: count }, (_, n) => waiter(api, `waiter-${n}`));

async function gotInTime(done: ReturnType<typeof waiter>["done"], id: string | undefined) {
  const answer = await done;
  expect(answer).toMatchObject({ status: 201, task: id });
  expect(answer.ms).toBeLessThan(IN_TIME_MS);
  return answer;
}

/** Each task once, and none of them by a wait that had come to its own end. */
async function eachGotOne(all: ReturnType<typeof waiters>, added: string[]) {
  const answers = await Promise.all(all.map(({ done }) => done));
  expect(answers.map(({ task }) => task ?? "nothing").toSorted()).toEqual(added.toSorted());
  for (const { ms } of answers) expect(ms).toBeLessThan(IN_TIME_MS);
}

/** A run whose only task is taken: whoever comes now has to wait for what is added to it. */
async function busyRun(api: Served) {
  const { run: made } = await run(api);
  await claimed(api);
  return async (...titles: string[]) => {
    const body = { tasks: titles.map((title) => ({ title })) };
    const { tasks } = await api.producer.ok("addTasks", { params: { id: made.id }, body });
    return tasks.map(({ id }) => id);
  };
}

export function longPollSuite(openLab: () => Promise<QueueLab>): void {
  let lab: QueueLab;
  let api: Served;
  const setUp = (looks: boolean) => {
    const ends: (() => Promise<void>)[] = [];
    beforeAll(async () => {
      lab = await openLab();
      api = await serve({ queue: lab.backend, looks }, (end) => ends.push(end));
      // It is listening: what is added from now on is heard of.
      await vi.waitUntil(() => api.calls() >= 4, { timeout: IN_TIME_MS });
    }, IN_TIME_MS * 2);
    afterAll(async () => {
      await lab.way.heal();
      for (const end of ends) await end();
      await lab.close();
    });
  };
  describe("where only tickets wake", () => {
    setUp(false);
    ticketSuite(() => ({ api, lab }));
  });
  describe("where somebody looks for all of them as well", () => {
    setUp(true);
    lookSuite(() => ({ api, lab }));
  });
}

type Place = () => { api: Served; lab: QueueLab };

function ticketSuite(place: Place): void {
  test("an agent that waits is woken by a ticket, and gets the same lease when its answer is lost", LONG, async () => {
    const { api } = place();
    const add = await busyRun(api);
    const { body, done } = waiter(api, "patient");
    await expect.poll(api.waiting).toBe(1);
    const [id] = await add("at last");
    const answer = await gotInTime(done, id);
    const again = await api.agent.call("claim", { body });
    expect([again.status, again.value?.lease]).toEqual([200, answer.lease]);
  });

  test("tickets that come one by one wake one agent each, until all have a task of their own", LONG, async () => {
    const { api } = place();
    const add = await busyRun(api);
    const all = waiters(api, 8);
    const added: string[] = [];
    for (let left = all.length; left > 0; left -= 1) {
      await expect.poll(api.waiting, { timeout: IN_TIME_MS }).toBe(left);
      added.push(...(await add(`one of ${left}`)));
    }
    await eachGotOne(all, added);
  });

  test("after the queue was away tickets wake again", LONG, async () => {
    const { api, lab } = place();
    const add = await busyRun(api);
    await lab.way.cut();
    const before = api.calls();
    await lab.way.heal();
    await expect.poll(api.calls, { timeout: IN_TIME_MS }).toBeGreaterThanOrEqual(before + 4);
    const { producer } = api.parts.line;
    const there = () => producer.depth().then(() => "there", String);
    await expect.poll(there, { timeout: IN_TIME_MS }).toBe("there");
    const { done } = waiter(api, "patient");
    await expect.poll(api.waiting).toBe(1);
    const [id] = await add("after the cut");
    await gotInTime(done, id);
  });

  test("after the queue was wiped nothing is lost, and tickets wake as before", LONG, async () => {
    const { api, lab } = place();
    const add = await busyRun(api);
    const [lost] = await add("its ticket is lost");
    await api.parts.line.settle();
    await lab.wipe();
    expect((await claimed(api)).task.id).toBe(lost);
    const { done } = waiter(api, "patient");
    await expect.poll(api.waiting).toBe(1);
    const [id] = await add("after the accident");
    await gotInTime(done, id);
  });
}

function lookSuite(place: Place): void {
  test("of many tasks that come at once each agent that waits gets one", LONG, async () => {
    const { api } = place();
    const add = await busyRun(api);
    const all = waiters(api, 8);
    await expect.poll(api.waiting).toBe(all.length);
    const added = await add(...all.map((_, n) => `task ${n}`));
    await eachGotOne(all, added);
  });

  test("with the queue away who waits is given work, later, and unsent tickets are sent at last", LONG, async () => {
    const { api, lab } = place();
    const add = await busyRun(api);
    const all = waiters(api, 3);
    await expect.poll(api.waiting).toBe(all.length);
    await lab.way.cut();
    const added = await add("a", "b", "c");
    await eachGotOne(all, added);
    const [later] = await add("nobody waits for it");
    await api.parts.line.settle();
    await expect(api.parts.line.producer.depth()).rejects.toThrow("does not answer");
    await lab.way.heal();
    const { db } = api.parts.line;
    await db.run({ name: "age_outbox", text: "update outbox set created_at = now() - interval '10 s'" }, []);
    const sent = () => relayTickets(api.parts.line).catch(() => 0);
    await expect.poll(sent, { timeout: IN_TIME_MS }).toBeGreaterThan(0);
    expect((await claimed(api)).task.id).toBe(later);
  });
}
