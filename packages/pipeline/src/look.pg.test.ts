/** Looking: an agent sees what it has held and no more, others see their workspace and no more. */
import { newId } from "@baton/db";
import { expect, test } from "vitest";
import {
  blockLease,
  completeLease,
  explain,
  getRun,
  getTask,
  heartbeatLease,
  listTasks,
  readyTasks,
  releaseLease,
  taskProgress,
  timeline,
} from "./index.ts";
import { principal, testLine } from "./testing/index.ts";
import {
  complete,
  handOver,
  leased,
  letLeasesExpire,
  newTask,
  newTasks,
  packet,
  sql,
  submitted,
  valueOf,
} from "./testing/verbs.ts";

test("an agent sees the task it holds or has held, and no other", async () => {
  const open = await testLine();
  await submitted(open, newTasks(2));
  const [agent, other] = [await principal(open.db, "agent"), await principal(open.db, "agent")];
  const { task, ref } = await leased(open, "dev", agent);
  const looks = [
    getTask,
    explain,
    (...[line, who, id]: Parameters<typeof getTask>) => timeline(line, who, { ...id, limit: 9 }),
  ];
  for (const look of looks) {
    expect(await look(open.line, agent, { id: task.id })).toMatchObject({ ok: true });
    expect(await look(open.line, other, { id: task.id })).toMatchObject({ ok: false, problem: { code: "not_found" } });
  }
  valueOf(await complete(open, ref, {}, agent));
  for (const look of looks) expect(await look(open.line, agent, { id: task.id })).toMatchObject({ ok: true });
});

test("an agent sees a task that it has held, however many have held it since", async () => {
  const open = await testLine();
  await submitted(open);
  const agent = await principal(open.db, "agent");
  const { task, ref } = await leased(open, "dev", agent);
  valueOf(await releaseLease(open.line, agent, ref));
  await sql(
    open,
    `insert into attempts (id, workspace_id, task_id, stage, visit, attempt, epoch, claim_id, agent_id, lease_ms, ended_at, outcome)
     select gen_random_uuid(), workspace_id, task_id, stage, visit, n, n, 'claim ' || n, 'another', lease_ms, now(), 'release'
     from attempts, generate_series(2, 201) n`,
  );
  expect(await getTask(open.line, agent, { id: task.id })).toMatchObject({ ok: true });
});

test("a lease is used by the token it was given to, or by an admin", async () => {
  const open = await testLine();
  await submitted(open);
  const [agent, other] = [await principal(open.db, "agent"), await principal(open.db, "agent")];
  const { ref } = await leased(open, "dev", agent);
  const tries = [
    await heartbeatLease(open.line, other, ref),
    await completeLease(open.line, other, { ...ref, result: "pass", packet: packet(), findings: [] }),
    await blockLease(open.line, other, { ...ref, kind: "needs_input", reason: "?" }),
    await releaseLease(open.line, other, ref),
  ];
  for (const one of tries) expect(one).toMatchObject({ ok: false, problem: { code: "not_found" } });
  expect(await heartbeatLease(open.line, agent, ref)).toMatchObject({ ok: true });
  expect(await releaseLease(open.line, open.admin, ref)).toMatchObject({ ok: true });
});

test("nothing of another workspace is there", async () => {
  const open = await testLine();
  const { run, id } = await submitted(open);
  const { ref } = await leased(open, "dev");
  const stranger = { ...open.admin, workspace_id: newId() };
  const looks = [
    await getRun(open.line, stranger, { id: run.id }),
    await getTask(open.line, stranger, { id }),
    await explain(open.line, stranger, { id }),
    await taskProgress(open.line, stranger, { id: run.id }),
    await heartbeatLease(open.line, stranger, ref),
  ];
  for (const look of looks) expect(look).toMatchObject({ ok: false, problem: { code: "not_found" } });
  expect(valueOf(await listTasks(open.line, stranger, { limit: 10 })).items).toEqual([]);
});

test("a list is gone through page by page, newest first, each item once", async () => {
  const open = await testLine();
  const { ids, run } = await submitted(open, newTasks(5));
  const seen = [];
  for (let cursor: string | undefined; ; ) {
    const page = valueOf(
      await listTasks(open.line, open.admin, { limit: 2, run_id: run.id, ...(cursor && { cursor }) }),
    );
    seen.push(...page.items.map((task) => task.id));
    if (page.next_cursor === null) break;
    cursor = page.next_cursor;
  }
  expect(seen).toEqual([...ids].reverse());
});

test("a timeline is gone through by the number of the last event seen", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  await handOver(open, "dev");
  const first = valueOf(await timeline(open.line, open.admin, { id, limit: 2 }));
  expect(first.items.map((event) => event.type)).toEqual(["submitted", "claimed"]);
  const rest = valueOf(await timeline(open.line, open.admin, { id, limit: 2, cursor: first.next_cursor ?? "" }));
  expect(rest).toMatchObject({ items: [{ type: "passed", seq: 3 }], next_cursor: null });
});

test("ready tasks are shown in the order in which they are claimed", async () => {
  const open = await testLine();
  await submitted(
    open,
    [1, 9, 5, 5].map((priority) => newTask({ priority })),
  );
  const shown = valueOf(await readyTasks(open.line, open.admin, { limit: 10 })).items.map((task) => task.id);
  const given = [];
  for (const _ of shown) given.push((await leased(open, "dev")).task.id);
  expect(given).toEqual(shown);
});

test("progress counts the steps that were passed, and what they cost", async () => {
  const open = await testLine();
  const { run } = await submitted(open, newTasks(2));
  const { ref } = await leased(open, "dev");
  const usage = { tokens_in: 10, tokens_out: 5, cost_usd: "0.250000" };
  valueOf(
    await completeLease(open.line, open.admin, { ...ref, result: "pass", packet: packet(), findings: [], usage }),
  );
  await handOver(open, "qa");
  expect(valueOf(await taskProgress(open.line, open.admin, run))).toMatchObject({
    ...{ total: 2, percent: 25, tokens_in: 10, tokens_out: 5, cost_usd: "0.250000", blocked: [] },
    by_stage: { none: 0, dev: 1, qa: 0, sec: 1, docs: 0, complete: 0 },
    by_state: { pending: 2, running: 0, blocked: 0, completed: 0, failed: 0, cancelled: 0 },
  });
});

test("a task says why it is not moving", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const why = async () => valueOf(await explain(open.line, open.admin, { id }));
  expect(await why()).toMatchObject({ moving: true, why: "It is ready and waits for an agent in dev." });
  await sql(open, "update tasks set due_at = now() + interval '1 minute'");
  expect(await why()).toMatchObject({
    moving: false,
    why: expect.stringContaining("is due at"),
    next_due_at: expect.any(String),
  });
  await sql(open, "update tasks set due_at = now()");
  const { lease } = await leased(open, "dev");
  expect(await why()).toMatchObject({
    moving: true,
    holder: { lease_id: lease.id, alive: true, agent_id: "dev-agent" },
  });
  await letLeasesExpire(open);
  expect(await why()).toMatchObject({
    moving: false,
    why: expect.stringContaining("has not been heard of"),
    holder: { alive: false },
  });
});
