/** Signs of life at the same moment, and of hosted workers: nothing is told twice, nothing is lost, and no budget stays open. */
import { closeBudgets } from "@baton/db";
import type { Ticket } from "@baton/queue";
import { expect, test } from "vitest";
import { heartbeatLease, postMessage } from "./index.ts";
import { workTicket } from "./testing/hosted-work.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import { evidence, leased, newTasks, sql, submitted, valueOf } from "./testing/verbs.ts";

const overBudget = (open: TestLine) => sql<{ over: boolean }>(open, "select over_budget as over from runs");

test("of many heartbeats at the same moment each message is in one answer", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const { ref } = await leased(open, "dev");
  const texts = Array.from({ length: 30 }, (_, n) => `message ${String(n).padStart(2, "0")}`);
  for (const text of texts) valueOf(await postMessage(open.line, open.admin, { id, text }));
  const answers = await Promise.all(Array.from({ length: 6 }, () => heartbeatLease(open.line, open.admin, ref)));
  const heard = answers.map((answer) => valueOf(answer).messages.map(({ text }) => text));
  expect(heard.flat().toSorted()).toEqual(texts);
  for (const one of heard) expect(one).toEqual(one.toSorted());
});

test("a budget that several use up at the same moment is closed, by one of them or by the director", async () => {
  const open = await testLine();
  await submitted(open, newTasks(8));
  await sql(open, "update runs set budget_usd = 8");
  const leases = [];
  for (let n = 0; n < 8; n += 1) leases.push(await leased(open, "dev"));
  const usage = { cost_usd: "1.000000" };
  await Promise.all(leases.map(({ ref }) => heartbeatLease(open.line, open.admin, { ...ref, usage })));
  await closeBudgets(open.db);
  expect(await overBudget(open)).toEqual([{ over: true }]);
  expect(await closeBudgets(open.db)).toBe(0);
});

test("a budget that is being looked at by somebody who pauses the run holds up no heartbeat", async () => {
  const open = await testLine();
  await submitted(open);
  await sql(open, "update runs set budget_usd = 1");
  const { ref } = await leased(open, "dev");
  await open.db.transaction(async (tx) => {
    await tx.run({ name: "lock_runs", text: "select 1 from runs for update" }, []);
    valueOf(await heartbeatLease(open.line, open.admin, { ...ref, usage: { cost_usd: "1.000000" } }));
  });
  expect(await overBudget(open)).toEqual([{ over: false }]);
  expect(await closeBudgets(open.db)).toBe(1);
});

async function hosted() {
  const open = await testLine();
  const settings = { commands: { dev: { run: "true", timeout_s: 60 } } };
  const project_id = await testProject(open, { repository_url: "/repository", settings });
  const { id } = await submitted(open, undefined, { project_id });
  const ticket: Ticket = { task_id: id, stage: "dev", visit: 1, dispatch: 1 };
  return { open, id, ticket };
}

test("what a hosted worker sees of its work moves the second clock, and messages wait for somebody who can read them", async () => {
  const { open, id, ticket } = await hosted();
  valueOf(await postMessage(open.line, open.admin, { id, text: "for a reader" }));
  const marks = () => sql<{ progress_mark: string | null }>(open, "select progress_mark from attempts");
  const diff_sha256 = "d".repeat(64);
  const word = await workTicket(open.line, ticket, {
    ...{ agent: { id: "worker", kind: "hosted" }, lease_ms: 2_000, shutdown: new AbortController().signal },
    look: async () => ({ diff_sha256 }),
    work: async () => {
      await expect.poll(marks, { timeout: 10_000 }).toEqual([{ progress_mark: `diff_sha256=${diff_sha256}` }]);
      return { outcome: "done", ...evidence() };
    },
  });
  expect(word).toBe("pass");
  expect(await sql(open, "select delivered_at from task_messages")).toEqual([{ delivered_at: null }]);
});

test("a look that fails, or never ends, costs a hosted worker nothing", async () => {
  const { open, ticket } = await hosted();
  const begun = "select heartbeat_at > started_at as beaten from attempts";
  let looks = 0;
  const word = await workTicket(open.line, ticket, {
    ...{ agent: { id: "worker", kind: "hosted" }, lease_ms: 2_000, shutdown: new AbortController().signal },
    look: () => {
      looks += 1;
      return looks > 1 ? new Promise(() => {}) : Promise.reject(new Error("no git"));
    },
    work: async () => {
      await expect.poll(() => sql(open, begun), { timeout: 10_000 }).toEqual([{ beaten: true }]);
      return { outcome: "done", ...evidence() };
    },
  });
  expect([word, looks]).toEqual(["pass", 1]);
});
