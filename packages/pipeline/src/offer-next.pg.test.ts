/** A project with a limit keeps its workers busy: who ends an attempt calls for the next task. */
import { expect, test } from "vitest";
import type { HostedWorker } from "./index.ts";
import { newestTicket } from "./newest-ticket.ts";
import { workTicket } from "./testing/hosted-work.ts";
import { testLine, testProject } from "./testing/index.ts";
import { evidence, newTasks, rowOf, sql, submitted } from "./testing/verbs.ts";

test("a ticket that found its project full is renewed as soon as there is room", async () => {
  const open = await testLine();
  const settings = { commands: { dev: { run: "true", timeout_s: 60 } }, concurrency: { dev: 1 } };
  const project_id = await testProject(open, { repository_url: "/repository", settings });
  const spent = await submitted(open, newTasks(1), { project_id });
  await sql(open, "update runs set over_budget = true");
  const { ids } = await submitted(open, newTasks(2), { project_id });
  const [first = "", second = ""] = ids;
  const look = async (id: string, work: HostedWorker["work"]) => {
    const [ticket] = newestTicket(await rowOf(open, id));
    if (ticket === undefined) throw new Error("the task has no ticket");
    const agent = { id: "worker", kind: "hosted" };
    return workTicket(open.line, ticket, { agent, lease_ms: 60_000, shutdown: new AbortController().signal, work });
  };
  const done = { outcome: "done" as const, ...evidence() };
  const word = await look(first, async () => {
    expect(await look(second, async () => done)).toBe("nothing to do");
    return done;
  });
  expect(word).toBe("pass");
  expect(await rowOf(open, second)).toMatchObject({ state: "pending", dispatch: 2 });
  // Nobody would be given that one.
  expect(await rowOf(open, spent.id)).toMatchObject({ state: "pending", dispatch: 1 });
  expect(await look(second, async () => done)).toBe("pass");
});

test("attempts that end at the same moment call for as many tasks", async () => {
  const open = await testLine();
  const settings = { commands: { dev: { run: "true", timeout_s: 60 } }, concurrency: { dev: 3 } };
  const project_id = await testProject(open, { repository_url: "/repository", settings });
  const { ids } = await submitted(open, newTasks(8), { project_id });
  const [named = ""] = ids;
  const ended = Array.from({ length: 3 }, () => Promise.withResolvers<void>());
  const agent = { id: "worker", kind: "hosted" };
  let working = 0;
  const works = ended.map(({ promise }) => async () => {
    working += 1;
    await promise;
    return { outcome: "done" as const, ...evidence() };
  });
  const ticket = { task_id: named, stage: "dev" as const, visit: 1, dispatch: 1 };
  const words = works.map((work) =>
    workTicket(open.line, ticket, { agent, lease_ms: 60_000, shutdown: new AbortController().signal, work }),
  );
  await expect.poll(() => working).toBe(3);
  const tickets = async () => {
    const [sum] = await sql<{ dispatched: number }>(
      open,
      "select sum(dispatch)::int as dispatched from tasks where stage = 'dev'",
    );
    return sum?.dispatched;
  };
  const before = (await tickets()) ?? 0;
  for (const { resolve } of ended) resolve();
  expect(await Promise.all(words)).toEqual(["pass", "pass", "pass"]);
  // Three of them have left the stage, each with its one ticket, and three more were given.
  expect(await tickets()).toBe(before);
});
