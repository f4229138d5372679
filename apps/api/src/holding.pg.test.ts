/** A.2 and A.4: what a heartbeat tells, the two clocks of a lease and its absolute end, and drafts that outlive their attempt. */
import { randomUUID } from "node:crypto";
import type { ClaimedLease, NewTask } from "@baton/domain/api";
import { rescueTasks, upkeepOf } from "@baton/pipeline";
import { expect, test } from "vitest";
import { sql } from "./testing/behind.ts";
import { type Served, serve } from "./testing/served.ts";
import { claimBody, claimed, PACKET, project, run } from "./testing/work.ts";

const api = await serve();

const ref = ({ lease }: Pick<ClaimedLease, "lease">, more: object = {}) => ({
  params: { id: lease.id },
  body: { epoch: lease.epoch, ...more },
});
const beat = (lease: Pick<ClaimedLease, "lease">, more: object = {}) => api.agent.ok("heartbeat", ref(lease, more));
const explain = ({ task }: ClaimedLease) => api.producer.ok("explain", { params: { id: task.id } });

/** The clocks of the lease as if so many minutes had passed. */
const letPass = ({ lease }: ClaimedLease, minutes: number) =>
  sql(
    api,
    `update attempts set progress_at = progress_at - $2 * interval '1 min', deadline_at = deadline_at - $2 * interval '1 min'
     where id = $1`,
    lease.id,
    minutes,
  );

interface Options {
  budget_usd?: number;
  weight?: number;
}

async function runWith(options: Options, tasks: Partial<NewTask>[] = [{}], { producer }: Served = api) {
  await run(api, []).catch(() => undefined);
  const project_id = await project(api);
  const all = tasks.map((task) => ({ title: "t", priority: 10, ...task }));
  return producer.ok("createRun", { body: { project_id, name: "with options", tasks: all, options } });
}

test("A.2: of all that is true at once the most urgent is told: wind_down, then pause, then cancel", async () => {
  const { run: made } = await run(api);
  const mine = await claimed(api);
  expect((await beat(mine)).directive).toBe("continue");
  await letPass(mine, 479.5);
  expect((await beat(mine)).directive).toBe("wind_down");
  await api.producer.ok("pauseRun", { params: { id: made.id } });
  expect((await beat(mine)).directive).toBe("pause");
  await api.producer.ok("killRun", { params: { id: made.id }, body: {} });
  expect((await beat(mine)).directive).toBe("cancel");
});

test("A.2: a budget is told as it goes, winds the work down at nine tenths, and gives no lease once it is used up", async () => {
  const { run: made } = await runWith({ budget_usd: 1, weight: 3 }, [{}, {}]);
  expect(made).toMatchObject({ budget_usd: "1.000000", weight: 3, over_budget: false });
  const [one, two] = [await claimed(api), await claimed(api)];
  expect(await beat(one, { usage: { cost_usd: "0.25" } })).toMatchObject({
    directive: "continue",
    budget_remaining: "0.750000",
  });
  expect(await beat(two, { usage: { cost_usd: 0.65 } })).toMatchObject({
    directive: "wind_down",
    budget_remaining: "0.100000",
  });
  expect(await beat(two, { usage: { cost_usd: 0.95 } })).toMatchObject({ budget_remaining: "0.000000" });
  expect((await api.producer.ok("getRun", { params: { id: made.id } })).run.over_budget).toBe(true);
  await api.agent.ok("release", ref(one));
  const none = await api.agent.call("claim", { body: claimBody() });
  expect(none).toMatchObject({ status: 204 });
  expect(none.headers.get("x-baton-reason")).toBe("budget");
  expect((await explain(one)).blockers).toMatchObject([{ kind: "budget" }]);
});

test("A.2: a cost that is told with the result closes the budget too, and what a crash left open the director closes", async () => {
  const { run: made } = await runWith({ budget_usd: "0.5" as unknown as number }, [{}, {}]);
  const overBudget = async () => (await api.producer.ok("getRun", { params: { id: made.id } })).run.over_budget;
  const mine = await claimed(api);
  const usage = { cost_usd: "0.500000" };
  await api.agent.ok("complete", ref(mine, { result: "pass", packet: PACKET, usage }) as never);
  expect(await overBudget()).toBe(true);
  await sql(api, "update runs set over_budget = false where id = $1", made.id);
  await upkeepOf(api.parts.line)
    .find(({ name }) => name === "budget watch")
    ?.tick();
  expect(await overBudget()).toBe(true);
});

test("A.2: without a budget nothing is said of one", async () => {
  await run(api);
  expect(await beat(await claimed(api))).not.toHaveProperty("budget_remaining");
});

test("A.2: a message is given to the holder once, in order, and again when the answer was lost", async () => {
  await run(api);
  const mine = await claimed(api);
  const params = { id: mine.task.id };
  for (const text of ["first", "second"]) await api.producer.ok("postMessage", { params, body: { text } });
  const headers = { "idempotency-key": randomUUID() };
  const heard = await api.agent.call("heartbeat", ref(mine), headers);
  expect(heard.value.messages).toMatchObject([
    { text: "first", author: "a producer" },
    { text: "second", author: "a producer" },
  ]);
  expect((await api.agent.call("heartbeat", ref(mine), headers)).text).toBe(heard.text);
  expect((await beat(mine)).messages).toEqual([]);
  const { items } = await api.agent.ok("listMessages", { params });
  expect(items).toMatchObject([
    { text: "second", lease_id: mine.lease.id, delivered_at: expect.any(String) },
    { text: "first", lease_id: mine.lease.id },
  ]);
});

test("A.2: a message left while nobody holds the task waits for the next holder, and none is left for a task that is over", async () => {
  const { tasks, run: made } = await run(api);
  const params = { id: tasks[0]?.id ?? "" };
  await api.producer.ok("postMessage", { params, body: { text: "for you" } });
  expect((await beat(await claimed(api))).messages).toMatchObject([{ text: "for you" }]);
  await api.producer.ok("killRun", { params: { id: made.id }, body: {} });
  const late = await api.producer.call("postMessage", { params, body: { text: "too late" } });
  expect(late).toMatchObject({ status: 409, problem: { code: "transition_not_allowed" } });
  expect((await api.agent.call("postMessage", { params, body: { text: "to myself" } })).status).toBe(403);
});

test("A.4: a lease that lives without anything new of the work is reported as stuck, and stays where it is", async () => {
  await run(api);
  const mine = await claimed(api);
  const stuck = async () => {
    const { items } = await api.producer.ok("listTasks", { query: { stuck: "true", run_id: mine.task.run_id } });
    return items.map(({ id }) => id);
  };
  await letPass(mine, 29);
  await beat(mine, { progress: "thinking" });
  expect((await explain(mine)).holder).toMatchObject({ alive: true, stuck: false, progress: "thinking" });
  await letPass(mine, 2);
  await beat(mine, { progress: "still thinking" });
  const told = await explain(mine);
  expect(told).toMatchObject({ moving: false, holder: { alive: true, stuck: true, idle_minutes: 30 } });
  expect(told.why).toContain("nothing new was seen");
  expect(await stuck()).toEqual([mine.task.id]);
  expect(await rescueTasks(api.parts.line)).toBe(0);
  await beat(mine, { evidence: { tests: 4 } });
  expect((await explain(mine)).holder).toMatchObject({ stuck: false });
  expect(await stuck()).toEqual([]);
});

const NEWS: [string, (mine: ClaimedLease) => Promise<unknown>][] = [
  ["a new diff", (mine) => beat(mine, { evidence: { diff_sha256: "a".repeat(64) } })],
  ["a draft that says something new", (mine) => api.agent.ok("checkpoint", ref(mine, { packet: PACKET }) as never)],
  ["a finding", (mine) => api.agent.ok("addFindings", ref(mine, { findings: [{ title: "x" }] }) as never)],
  [
    "an artifact",
    ({ lease }) => api.agent.raw("PUT", `/api/leases/${lease.id}/artifacts/a.txt?epoch=1`, { body: "new" }),
  ],
];

test.each(NEWS)("A.4: %s is progress, and the same again is none", async (_, tell) => {
  await run(api);
  const mine = await claimed(api);
  const since = async () => (await explain(mine)).holder?.last_progress_at ?? "";
  await letPass(mine, 31);
  const before = await since();
  await tell(mine);
  const after = await since();
  expect(after > before).toBe(true);
  await tell(mine);
  expect(await since()).toBe(after);
});

test("A.4: no heartbeat carries a lease past its absolute end, and it ends as a crash that says so", async () => {
  await run(api, [{ title: "t" }], { max_lease_minutes: { dev: 5 } });
  const mine = await claimed(api);
  await letPass(mine, 4.5);
  const { expires_at, directive } = await beat(mine);
  const { deadline_at } = (await explain(mine)).holder ?? {};
  expect({ expires_at, directive }).toEqual({ expires_at: deadline_at, directive: "wind_down" });
  await letPass(mine, 0.5);
  await sql(
    api,
    "update tasks set lease_expires_at = (select deadline_at from attempts where id = lease_id) where lease_id = $1",
    mine.lease.id,
  );
  expect(await api.agent.call("heartbeat", ref(mine))).toMatchObject({ status: 410 });
  await rescueTasks(api.parts.line);
  const { task } = await api.producer.ok("getTask", { params: { id: mine.task.id } });
  expect(task).toMatchObject({ state: "pending", crashes: 1 });
  expect((await explain(mine)).attempts[0]).toMatchObject({
    outcome: "expire",
    message: expect.stringContaining("as long as any may"),
  });
});

test("A.4: what a crashed attempt had written down is given to the next one, and findings are not counted twice", async () => {
  await run(api);
  const mine = await claimed(api);
  expect(mine.context.draft).toBe(null);
  const saved = await api.agent.ok("checkpoint", ref(mine, { packet: { output_summary: "half way" } }) as never);
  expect(saved).toMatchObject({ directive: "continue", saved_at: expect.any(String) });
  const decisions = [{ decision: "use a map", rationale: "it is fast" }];
  await api.agent.ok("checkpoint", ref(mine, { packet: { output_decisions: decisions } }) as never);
  const findings = [{ title: "slow at line 3" }, { title: "slow at line 4" }, { title: "leaks" }];
  const added = await api.agent.ok("addFindings", ref(mine, { findings }) as never);
  expect(added.findings.map(({ title }) => title)).toEqual(["slow at line 3", "leaks"]);
  await sql(api, "update tasks set lease_expires_at = now() where id = $1", mine.task.id);
  await rescueTasks(api.parts.line);
  const next = await claimed(api);
  expect(next.context.draft).toMatchObject({
    packet: { output_summary: "half way", output_decisions: decisions },
    findings: [{ title: "slow at line 3" }, { title: "leaks" }],
    ...{ attempt: 1, agent_id: "agent-1" },
  });
  expect(next.prompt).toContain("half way");
});

test("A.4: a handoff carries the findings that were added before, and they decide as any others do", async () => {
  await run(api);
  const mine = await claimed(api);
  await api.agent.ok("addFindings", ref(mine, { findings: [{ title: "a hole", severity: "critical" }] }) as never);
  const done = await api.agent.ok("complete", ref(mine, { result: "pass", packet: PACKET }) as never);
  expect(done).toMatchObject({ verdict: "reject", packet: { findings: [{ title: "a hole" }] } });
});

test("A.4: a draft with its findings is no larger than 1 MB, and what is refused changes nothing", async () => {
  await run(api);
  const mine = await claimed(api);
  /** 500 KB. The titles differ in a letter, as those that differ in a number are one finding. */
  const bulk = (n: number) =>
    Array.from({ length: 25 }, (_, i) => ({
      ...{ title: `finding ${String.fromCodePoint(0x4e00 + 25 * n + i)}`, description: "x".repeat(20_000) },
    }));
  const add = (findings: object[]) => api.agent.call("addFindings", ref(mine, { findings }) as never);
  for (const n of [0, 1]) expect((await add(bulk(n))).status).toBe(200);
  expect(await add(bulk(2))).toMatchObject({ status: 413, problem: { code: "too_large" } });
  const packet = { output_metrics: { x: "y".repeat(100_000) } };
  expect(await api.agent.call("checkpoint", ref(mine, { packet }) as never)).toMatchObject({
    ...{ status: 413, problem: { code: "too_large", detail: expect.stringContaining("1 MB") } },
  });
  const kept = (await add([{ title: "a short one" }])).value as unknown as { findings: object[] };
  expect(kept.findings).toHaveLength(51);
});

test("A.4: a draft has the limits of a packet", async () => {
  await run(api);
  const mine = await claimed(api);
  const large = (field: string) => ref(mine, { packet: { [field]: { x: "y".repeat(200_000) } } }) as never;
  expect((await api.agent.call("checkpoint", large("output_metrics"))).status).toBe(200);
  const packet = { output_summary: "z".repeat(100_000) };
  expect(await api.agent.call("checkpoint", ref(mine, { packet }) as never)).toMatchObject({
    status: 413,
    problem: { code: "too_large" },
  });
  const findings = Array.from({ length: 500 }, (_, n) => ({ title: `finding ${String.fromCodePoint(0x4e00 + n)}` }));
  expect((await api.agent.call("addFindings", ref(mine, { findings }) as never)).status).toBe(200);
  const more = ref(mine, { findings: [{ title: "one more" }] }) as never;
  expect(await api.agent.call("addFindings", more)).toMatchObject({ status: 422, problem: { code: "too_many" } });
});
