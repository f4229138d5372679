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
