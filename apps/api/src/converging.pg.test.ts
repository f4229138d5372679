/** A.5 and A.6: faults are charged to whom they belong and stop what only repeats them; loop-backs converge or stop. */
import type { ClaimedLease } from "@baton/domain/api";
import { rescueTasks, upkeepOf } from "@baton/pipeline";
import { expect, test } from "vitest";
import { sql } from "./testing/behind.ts";
import { serve } from "./testing/served.ts";
import { claimBody, claimed, PACKET, pass, run } from "./testing/work.ts";

const api = await serve();

const ref = ({ lease }: ClaimedLease, more: object = {}) =>
  ({ params: { id: lease.id }, body: { epoch: lease.epoch, ...more } }) as never;

async function paying(credential: string): Promise<ClaimedLease> {
  const value = await api.agent.ok("claim", { body: claimBody(["dev"], { agent: { id: "payer", credential } }) });
  if (value === null) throw new Error("nothing to claim");
  return value;
}

const unblock = () =>
  upkeepOf(api.parts.line)
    .find(({ name }) => name === "unblocker")
    ?.tick();

const fail = (mine: ClaimedLease, error: object) => api.agent.ok("fail", ref(mine, { error }));
const explain = ({ task }: ClaimedLease) => api.producer.ok("explain", { params: { id: task.id } });

test.each(["task", "worker", "provider", "environment", "contract"] as const)(
  "A.5: a fault of the %s is charged only if it is the task's",
  async (fault) => {
    await run(api);
    const { task } = await fail(await claimed(api), { message: "it broke", fault });
    expect(task).toMatchObject({ state: "pending", failures: fault === "task" ? 1 : 0 });
  },
);

test("A.5: a used-up quota makes the task wait without losing an attempt, and whoever pays with the same", async () => {
  await run(api, [{ title: "a" }, { title: "b" }, { title: "c" }], { limits: { attempts: 1 } });
  const [mine, other] = [await paying("team a"), await paying("team a")];
  const before = Date.now();
  const { task } = await fail(mine, {
    message: "429: usage limit",
    fault: "provider",
    quota: true,
    retry_after_s: 600,
  });
  expect(task).toMatchObject({ state: "blocked", failures: 0, blocked: { kind: "quota", reason: "429: usage limit" } });
  const wait_ms = Date.parse(task.blocked?.until ?? "") - before;
  expect(wait_ms).toBeGreaterThan(590_000);
  expect(wait_ms).toBeLessThan(670_000);
  expect((await api.agent.ok("heartbeat", ref(other))).directive).toBe("wind_down");
  const none = await api.agent.call("claim", {
    body: claimBody(["dev"], { agent: { id: "x", credential: "team a" } }),
  });
  expect([none.status, none.headers.get("x-baton-reason")]).toEqual([204, "quota"]);
  expect((await paying("team b")).task.title).toBe("c");
});

test("A.5: a task that waited for its quota comes back by itself, as good as new", async () => {
  await run(api);
  const mine = await paying("team c");
  await fail(mine, { message: "used up", fault: "provider", quota: true });
  await unblock();
  expect((await explain(mine)).state).toBe("blocked");
  await sql(api, "update tasks set block_until = now() where state = 'blocked'");
  await sql(api, "update circuits set until = now() where credential = 'team c'");
  await unblock();
  const { task, lease } = await paying("team c");
  expect([task.id, lease.attempt, task.failures]).toEqual([mine.task.id, 2, 0]);
});

test("A.5: of several who say how long a quota is used up the longest counts", async () => {
  await run(api, [{ title: "a" }, { title: "b" }]);
  const [one, two] = [await paying("team d"), await paying("team d")];
  const until = new Date(Date.now() + 7_200_000).toISOString();
  await api.agent.ok("block", ref(one, { kind: "quota", reason: "two hours", until }));
  await api.agent.ok("block", ref(two, { kind: "quota", reason: "who knows" }));
  const [circuit] = await sql<{ until: Date }>(api, "select until from circuits where credential = 'team d'");
  expect(circuit?.until.toISOString()).toBe(until);
});

test("A.5: with the circuit switched off a used-up quota is tried again like any other fault", async () => {
  await run(api, [{ title: "t" }], { quota_circuit: "off" });
  const mine = await paying("team e");
  const { task } = await fail(mine, { message: "429", fault: "provider", quota: true, retry_after_s: 60 });
  expect(task).toMatchObject({ state: "pending", failures: 0 });
  expect(Date.parse(task.due_at)).toBeGreaterThan(Date.now() + 50_000);
  expect(await sql(api, "select 1 from circuits where credential = 'team e'")).toEqual([]);
});

test("A.5: only a provider has a quota", async () => {
  await run(api);
  const mine = await claimed(api);
  const error = { message: "x", fault: "task", quota: true };
  expect(await api.agent.call("fail", ref(mine, { error }))).toMatchObject({ status: 400 });
});

const tasks = (n: number) => Array.from({ length: n }, (_, i) => ({ title: `task ${i}` }));
const broken = (n: number) => ({
  message: `cannot reach 10.0.0.${n}:5432`,
  fault: "environment",
  retry_after_s: 3_600,
});

test("A.5: the same fault on five tasks in a row pauses the stage and says so, until a person resumes it", async () => {
  const { run: made, tasks: sent } = await run(api, tasks(12));
  const params = { id: made.project_id };
  const paused = async () => (await api.producer.ok("listStages", { params })).items.filter((one) => one.paused);
  for (let n = 0; n < 4; n += 1) await fail(await claimed(api), broken(n));
  expect(await paused()).toEqual([]);
  await fail(await claimed(api), broken(4));
  expect(await paused()).toMatchObject([{ stage: "dev", paused: { paused_by: "baton" } }]);
  const none = await api.agent.call("claim", { body: claimBody() });
  expect([none.status, none.headers.get("x-baton-reason")]).toEqual([204, "paused"]);
  const told = await api.producer.ok("explain", { params: { id: sent.at(-1)?.id ?? "" } });
  expect(told.blockers).toMatchObject([{ kind: "stage" }]);
  for (const words of ["cannot reach 10.0.0.4", "environment", "/stages/dev/resume"]) expect(told.why).toContain(words);
  const stage = { params: { ...params, stage: "dev" as const } };
  expect((await api.producer.call("resumeStage", { ...stage, body: {} })).status).toBe(403);
  expect((await api.admin.ok("resumeStage", { ...stage, body: {} })).stage.paused).toBe(null);
  for (let n = 5; n < 9; n += 1) await fail(await claimed(api), broken(n));
  expect(await paused()).toEqual([]);
  await fail(await claimed(api), broken(9));
  expect(await paused()).toHaveLength(1);
});

test("A.5: a pass, another fault or the same task again between them is no row", async () => {
  const { run: made } = await run(api, tasks(12), { limits: { attempts: 9 } });
  const row = async (n: number) => {
    for (let i = 0; i < n; i += 1) await fail(await claimed(api), broken(i));
  };
  await row(4);
  await pass(api, "dev");
  await row(4);
  await fail(await claimed(api), { message: "something else", fault: "environment", retry_after_s: 3_600 });
  const again = { message: "cannot reach 10.0.0.1:5432", fault: "environment" };
  for (let i = 0; i < 6; i += 1) {
    await sql(
      api,
      "update tasks set due_at = now(), priority = 10 where id = (select id from tasks where run_id = $1 order by id desc limit 1)",
      made.id,
    );
    await fail(await claimed(api), again);
  }
  const { items } = await api.producer.ok("listStages", { params: { id: made.project_id } });
  expect(items.map(({ paused }) => paused)).toEqual([null, null, null, null]);
});

test("A.5: a person pauses a stage and resumes it; the first reason stays", async () => {
  const { run: made } = await run(api);
  const stage = { params: { id: made.project_id, stage: "dev" as const } };
  const first = await api.admin.ok("pauseStage", { ...stage, body: { reason: "the model changes" } });
  expect(first.stage).toMatchObject({ stage: "dev", paused: { reason: "the model changes", fault_fingerprint: null } });
  expect(await api.admin.ok("pauseStage", { ...stage, body: {} })).toEqual(first);
  expect((await api.agent.call("claim", { body: claimBody() })).status).toBe(204);
  await api.admin.ok("resumeStage", { ...stage, body: {} });
  await api.admin.ok("resumeStage", { ...stage, body: {} });
  await claimed(api);
});

/** Down to qa with what dev says it changed, then rejected with these findings. */
async function round(commit: string | null, ...titles: string[]) {
  const packet = { ...PACKET, output_metrics: commit === null ? {} : { commit } };
  await api.agent.ok("complete", ref(await claimed(api), { result: "pass", packet }));
  const findings = titles.map((title) => ({ title, kind: "bug" }));
  return api.agent.ok("complete", ref(await claimed(api, "qa"), { result: "reject", packet: PACKET, findings }));
}

test("A.6: the same finding twice in a row with no change in between ends the loop at once", async () => {
  await run(api);
  await round("c1", "off by one", "slow");
  const done = await round("c1", "off by one");
  expect(done.task).toMatchObject({ state: "failed", rejections: 2 });
  expect(done.reasons[0]).toMatch(/^repeating: off by one/);
  expect(done.packet.rejection_reason).toContain("repeating");
  const told = await api.producer.ok("explain", { params: { id: done.task.id } });
  expect(told.why).toContain("repeating");
  const { task } = await api.admin.ok("reopenTask", { params: { id: done.task.id }, body: {} });
  expect(task).toMatchObject({ state: "pending", stage: "dev", rejections: 0 });
});

test("A.6: an agent that names no commit repeats when neither its files nor their contents have changed", async () => {
  await run(api);
  await round(null, "off by one");
  expect((await round(null, "off by one")).task.state).toBe("failed");
});

test("A.6: a new commit or a new finding may go on, to the limit", async () => {
  await run(api);
  const states = [];
  for (const [commit, title] of [
    ["c1", "one"],
    ["c2", "one"],
    ["c2", "two"],
    ["c3", "two"],
  ] as const) {
    states.push((await round(commit, title.repeat(3))).task.state);
  }
  expect(states).toEqual(["pending", "pending", "pending", "failed"]);
});

test("A.6: a loop that ends repeating is a crash of nobody's: the rescuer and the ledger find nothing to do", async () => {
  await run(api);
  await round("c1", "off by one");
  const { task } = await round("c1", "off by one");
  expect(await rescueTasks(api.parts.line)).toBe(0);
  const { items } = await api.producer.ok("timeline", { params: { id: task.id } });
  expect(items.at(-1)).toMatchObject({ type: "rejected", to: { state: "failed" }, data: { repeating: true } });
});
