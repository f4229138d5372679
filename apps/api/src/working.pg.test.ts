/** Working over HTTP: claim, keep, hand over, give back, and what is told to an agent whose time is over. */
import type { ClaimedLease } from "@baton/domain/api";
import { expect, test } from "vitest";
import { serve, tokenOf } from "./testing/served.ts";
import { claimBody, claimed, PACKET, pass, run } from "./testing/work.ts";

const api = await serve();

const bodyOf = ({ lease }: ClaimedLease, more: object = {}) => ({
  params: { id: lease.id },
  body: { epoch: lease.epoch, result: "pass" as const, packet: PACKET, ...more },
});

test("a claim gives all that an agent needs, and the same claim_id gives it again", async () => {
  const { run: made, tasks } = await run(api, [{ title: "Add a field" }]);
  const body = claimBody(["dev", "qa"], { lease_s: 60 });
  const first = await api.agent.call("claim", { body });
  expect(first.status).toBe(201);
  expect(first.value).toMatchObject({
    lease: { task_id: tasks[0]?.id, stage: "dev", visit: 1, attempt: 1, epoch: 1, heartbeat_every_s: 15 },
    context: { run: { id: made.id, name: "a run" } },
    packet: null,
  });
  expect(first.value?.prompt).toContain("Add a field");
  const again = await api.agent.call("claim", { body });
  expect(again.status).toBe(200);
  expect(again.value?.lease).toEqual(first.value?.lease);
});

test("a claim_id whose lease has ended is refused", async () => {
  await run(api);
  const body = claimBody();
  const { value } = await api.agent.call("claim", { body });
  await api.agent.ok("release", { params: { id: value?.lease.id ?? "" }, body: { epoch: 1 } });
  expect(await api.agent.call("claim", { body })).toMatchObject({ status: 409, problem: { code: "claim_id_used" } });
});

test("nothing to claim is 204 with the reason and when to come back", async () => {
  const { run: made } = await run(api);
  await api.producer.ok("pauseRun", { params: { id: made.id } });
  const paused = await api.agent.call("claim", { body: claimBody() });
  expect(paused).toMatchObject({ status: 204, text: "" });
  expect(paused.headers.get("x-baton-reason")).toBe("paused");
  expect(Number(paused.headers.get("retry-after"))).toBeGreaterThan(0);
  const empty = await api.agent.call("claim", { body: claimBody(["docs"]) });
  expect(empty.headers.get("x-baton-reason")).toBe("empty");
});

test("a task goes down the whole line with a packet at each step", async () => {
  const { run: made, tasks } = await run(api);
  for (const stage of ["dev", "qa", "sec", "docs"] as const) {
    const done = await pass(api, stage);
    expect(done).toMatchObject({ verdict: "pass", packet: { phase: stage, status: "completed", version: 1 } });
  }
  const { task } = await api.producer.ok("getTask", { params: { id: tasks[0]?.id ?? "" } });
  expect(task).toMatchObject({ stage: "complete", state: "completed" });
  await expect
    .poll(async () => (await api.producer.ok("getRun", { params: { id: made.id } })).run.state)
    .toBe("completed");
});

test("an open high finding makes a reject of a pass, and rides back to dev", async () => {
  await run(api);
  await pass(api, "dev");
  const qa = await claimed(api, "qa");
  const findings = [{ title: "off by one", severity: "high" as const, file: "a.ts", line: 3 }];
  const done = await api.agent.ok("complete", bodyOf(qa, { findings }));
  expect(done).toMatchObject({ verdict: "reject", packet: { status: "rejected" }, task: { stage: "dev", visit: 2 } });
  expect(done.reasons.join()).toContain("off by one");
  const back = await claimed(api, "dev");
  expect(back.packet?.findings).toMatchObject([{ title: "off by one", priority: 10, file: "a.ts", line: 3 }]);
  expect(back.context.findings).toEqual(back.packet?.findings);
  expect(back.prompt).toContain("off by one");
});

test("a heartbeat extends the lease and tells of a pause and of a kill", async () => {
  const { run: made } = await run(api);
  const { lease } = await claimed(api);
  const beat = () => api.agent.ok("heartbeat", { params: { id: lease.id }, body: { epoch: lease.epoch } });
  const first = await beat();
  expect(first).toMatchObject({ directive: "continue", messages: [] });
  expect(first.expires_at >= lease.expires_at).toBe(true);
  await api.producer.ok("pauseRun", { params: { id: made.id } });
  expect((await beat()).directive).toBe("pause");
  await api.producer.ok("killRun", { params: { id: made.id } });
  expect((await beat()).directive).toBe("cancel");
});

test("a failed attempt is retried later and says whose fault it was", async () => {
  await run(api);
  const { lease } = await claimed(api);
  const error = { message: "no such model", fault: "provider" as const, retry_after_s: 60 };
  const { task } = await api.agent.ok("fail", { params: { id: lease.id }, body: { epoch: lease.epoch, error } });
  expect(task).toMatchObject({ state: "pending", failures: 0 });
  expect(new Date(task.due_at).getTime()).toBeGreaterThan(Date.now() + 50_000);
});

test("every write under a stale lease is 410 and changes nothing", async () => {
  const { tasks } = await run(api);
  const old = await claimed(api);
  const params = { id: old.lease.id };
  const epoch = old.lease.epoch;
  await api.agent.ok("release", { params, body: { epoch } });
  const { lease } = await claimed(api);
  const before = await api.admin.ok("timeline", { params: { id: tasks[0]?.id ?? "" } });
  const refused = [
    await api.agent.call("heartbeat", { params, body: { epoch } }),
    await api.agent.call("complete", bodyOf(old)),
    await api.agent.call("fail", { params, body: { epoch, error: { message: "x", fault: "task" } } }),
    await api.agent.call("block", { params, body: { epoch, kind: "needs_input", reason: "x" } }),
    await api.agent.call("release", { params, body: { epoch } }),
    await api.agent.call("release", { params: { id: lease.id }, body: { epoch: lease.epoch + 1 } }),
  ];
  for (const answer of refused) expect(answer).toMatchObject({ status: 410, problem: { code: "lease_lost" } });
  expect(await api.admin.ok("timeline", { params: { id: tasks[0]?.id ?? "" } })).toEqual(before);
});

test("a lease is only its own token's: to another agent it is not there", async () => {
  await run(api);
  const { lease } = await claimed(api);
  const other = api.as(await tokenOf(api.admin, "agent"));
  const answer = await other.call("release", { params: { id: lease.id }, body: { epoch: lease.epoch } });
  expect(answer).toMatchObject({ status: 404, problem: { code: "not_found" } });
});

test("an agent that waits gets a task as soon as there is one", async () => {
  const { run: made } = await run(api);
  await claimed(api);
  const waiting = api.agent.call("claim", { body: claimBody(["dev"], { wait_s: 20 }) });
  const started = performance.now();
  await api.producer.ok("addTasks", { params: { id: made.id }, body: { tasks: [{ title: "at last" }] } });
  expect((await waiting).value?.task.title).toBe("at last");
  expect(performance.now() - started).toBeLessThan(4_000);
});

test("an agent that hung up while it waited gets no lease", async () => {
  const { run: made } = await run(api);
  await claimed(api);
  const gone = new AbortController();
  const body = JSON.stringify(claimBody(["dev"], { wait_s: 20 }));
  const headers = { "content-type": "application/json", authorization: `Bearer ${await tokenOf(api.admin, "agent")}` };
  const poll = fetch(`${api.url}/api/leases`, { method: "POST", body, headers, signal: gone.signal });
  await expect.poll(api.waiting).toBe(1);
  gone.abort();
  await expect(poll).rejects.toThrow();
  await expect.poll(api.waiting).toBe(0);
  const added = await api.producer.ok("addTasks", { params: { id: made.id }, body: { tasks: [{ title: "free" }] } });
  expect((await claimed(api)).task.id).toBe(added.tasks[0]?.id);
});

test("a token limited to stages claims nothing else", async () => {
  await run(api);
  const made = await api.admin.ok("createToken", { body: { name: "tester", role: "agent", stages: ["qa"] } });
  const tester = api.as(made.token);
  expect(await tester.call("claim", { body: claimBody(["dev"]) })).toMatchObject({ status: 403 });
  expect((await tester.call("claim", { body: claimBody(["qa"]) })).status).toBe(204);
});

test("a packet beyond 256 KB is 413 and the lease stays", async () => {
  await run(api);
  const mine = await claimed(api);
  const packet = { output_summary: "x", output_metrics: { big: "y".repeat(260 * 1_024) } };
  expect(await api.agent.call("complete", bodyOf(mine, { packet }))).toMatchObject({
    status: 413,
    problem: { code: "too_large" },
  });
  expect((await api.agent.ok("complete", bodyOf(mine))).verdict).toBe("pass");
});
