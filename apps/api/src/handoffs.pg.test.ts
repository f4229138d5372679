/** Handoffs over HTTP: looked at, and driven by hand from dev to complete, by the rules of the leases. */
import { expect, test } from "vitest";
import { acceptBody, accepted, doneBy, handoffsOf, offered, pulled } from "./testing/handoffs.ts";
import { serve } from "./testing/served.ts";
import { pass, run } from "./testing/work.ts";

const api = await serve();

test("a task is driven by hand from dev to complete, with one rejection on the way", async () => {
  const { task_id, handoff_id } = await offered(api);
  const qa = await accepted(api, handoff_id);
  expect(qa).toMatchObject({
    lease: { task_id, stage: "qa", visit: 1, attempt: 1, epoch: 2 },
    packet: { id: handoff_id, phase: "dev" },
    handoff: { id: handoff_id, state: "accepted", accepted_by: "qa-agent", lease_id: qa.lease.id },
  });
  const body = { epoch: qa.lease.epoch, reason: "the total is off by one" };
  const failed = await api.agent.ok("failHandoff", { params: { id: handoff_id }, body });
  expect(failed).toMatchObject({
    ...{ verdict: "reject", reasons: ["the total is off by one"], task: { stage: "dev", visit: 2, rejections: 1 } },
    packet: { phase: "qa", status: "rejected", rejection_reason: "the total is off by one" },
    handoff: { id: handoff_id, state: "failed", reason: "the total is off by one" },
  });
  let next = failed.packet.id;
  for (const stage of ["dev", "qa", "sec", "docs"]) {
    const mine = await accepted(api, next);
    expect(mine.lease).toMatchObject({ stage, visit: 2 });
    const done = await api.agent.ok("completeHandoff", { params: { id: next }, body: doneBy(mine) });
    expect(done).toMatchObject({
      verdict: "pass",
      packet: { phase: stage },
      handoff: { id: next, state: "completed" },
    });
    next = done.packet.id;
  }
  const { task } = await api.producer.ok("getTask", { params: { id: task_id } });
  expect(task).toMatchObject({ stage: "complete", state: "completed" });
  const shown = (await handoffsOf(api, task_id)).map(
    (one) => `${one.from_stage} ${one.kind} ${one.to_stage} ${one.state}`,
  );
  expect(shown).toEqual([
    "docs forward complete completed",
    "sec forward docs completed",
    "qa forward sec completed",
    "dev forward qa completed",
    "qa back dev completed",
    "dev forward qa failed",
  ]);
});

test("what the queue does is seen as handoffs too", async () => {
  const { task_id, handoff_id } = await offered(api);
  const before = await api.agent.ok("getHandoff", { params: { id: handoff_id } });
  expect(before.handoff).toMatchObject({ task_id, packet_id: handoff_id, to_stage: "qa", state: "offered" });
  const { lease } = await pulled(api, "qa");
  await api.agent.ok("release", { params: { id: lease.id }, body: { epoch: lease.epoch } });
  const held = await pulled(api, "qa");
  const { handoff } = await api.producer.ok("getHandoff", { params: { id: handoff_id } });
  expect(handoff).toMatchObject({ state: "accepted", lease_id: held.lease.id, ended_at: null });
});

test("packets are given newest first, page by page, each with its findings", async () => {
  const { task_id, handoff_id } = await offered(api);
  const qa = await accepted(api, handoff_id);
  const findings = [
    { title: "slow", severity: "low" as const },
    { title: "wrong sum", severity: "high" as const, file: "sum.ts", line: 2 },
  ];
  const back = await api.agent.ok("completeHandoff", { params: { id: handoff_id }, body: doneBy(qa, { findings }) });
  expect(back).toMatchObject({ verdict: "reject", handoff: { state: "failed" } });
  await pass(api, "dev");
  const page = (query: object) => api.producer.ok("listPackets", { params: { id: task_id }, query });
  const whole = await page({});
  expect(whole.items.map(({ phase, version, findings: found }) => [phase, version, found.length])).toEqual([
    ["dev", 2, 0],
    ["qa", 1, 2],
    ["dev", 1, 0],
  ]);
  expect(whole.items[1]?.findings).toMatchObject([
    { title: "wrong sum", priority: 10, file: "sum.ts", line: 2 },
    { title: "slow", priority: 5 },
  ]);
  const first = await page({ limit: 2 });
  expect(first.items).toEqual(whole.items.slice(0, 2));
  const rest = await page({ limit: 2, cursor: first.next_cursor ?? "" });
  expect(rest).toEqual({ items: whole.items.slice(2), next_cursor: null });
  const handoffs = await api.producer.ok("listHandoffs", { params: { id: task_id }, query: { limit: 1 } });
  expect(handoffs).toMatchObject({ items: [{ kind: "forward", visit: 2 }], next_cursor: whole.items[0]?.id });
  const other = { params: { id: task_id }, query: { cursor: task_id } };
  expect(await api.producer.call("listHandoffs", other)).toMatchObject({
    ...{ status: 400, problem: { errors: [{ pointer: "/query/cursor" }] } },
  });
});

test("after a loop-back a packet names what it came from and the version before it, and what has changed since", async () => {
  const { task_id, handoff_id } = await offered(api);
  const qa = await accepted(api, handoff_id);
  const { packet: rejected } = await api.agent.ok("failHandoff", {
    params: { id: handoff_id },
    body: { epoch: qa.lease.epoch, reason: "no test", usage: { tokens_in: 5, tokens_out: 7, cost_usd: "0.25" } },
  });
  expect(rejected).toMatchObject({
    ...{ phase: "qa", version: 1, status: "rejected", rejection_reason: "no test", output_summary: "no test" },
    ...{ input_source_phase: "dev", input_source_packet_id: handoff_id, previous_version_id: null },
    ...{ diff_from_previous: null, cost_tokens_in: 5, cost_tokens_out: 7, cost_usd: "0.250000" },
    ...{ agent_id: "qa-agent", agent_type: "qa", agent_name: "qa-agent", input_context: { visit: 1, attempt: 1 } },
  });
  expect(rejected.started_at).not.toBeNull();
  expect(rejected.duration_ms).toBe(Date.parse(rejected.completed_at ?? "") - Date.parse(rejected.started_at ?? ""));
  const dev = await accepted(api, rejected.id);
  const packet = {
    output_summary: "with a test",
    output_artifacts: [{ type: "test" as const, path: "a.test.ts", action: "created" as const }],
  };
  const done = await api.agent.ok("completeHandoff", { params: { id: rejected.id }, body: doneBy(dev, { packet }) });
  expect(done.packet).toMatchObject({
    ...{ phase: "dev", version: 2, status: "completed", rejection_reason: null, previous_version_id: handoff_id },
    ...{ input_source_phase: "qa", input_source_packet_id: rejected.id, input_context: { visit: 2, attempt: 1 } },
    diff_from_previous: { summary_changed: true, artifacts_added: ["a.test.ts"], artifacts_removed: [] },
  });
  await api.producer.ok("advanceStage", { params: { id: task_id }, body: { result: "pass", notes: "seen" } });
  const [step] = (await api.producer.ok("listPackets", { params: { id: task_id } })).items;
  expect(step).toMatchObject({
    ...{ phase: "qa", version: 2, agent_type: "operator", previous_version_id: rejected.id },
    ...{ input_source_phase: "dev", input_source_packet_id: done.packet.id, duration_ms: 0 },
  });
});

test("the same claim_id gives the same lease again while it lives, and for this handoff alone", async () => {
  const { handoff_id } = await offered(api);
  const call = { params: { id: handoff_id }, body: acceptBody({ lease_s: 60 }) };
  const first = await api.agent.call("acceptHandoff", call);
  const again = await api.agent.call("acceptHandoff", call);
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.value.lease).toEqual(first.value.lease);
  expect(again.value.handoff).toEqual(first.value.handoff);
  const { packet } = await api.agent.ok("completeHandoff", { params: { id: handoff_id }, body: doneBy(first.value) });
  const used = { status: 409, problem: { code: "claim_id_used" } };
  expect(await api.agent.call("acceptHandoff", call)).toMatchObject(used);
  const next = { params: { id: packet.id }, body: call.body };
  expect(await api.agent.call("acceptHandoff", next)).toMatchObject(used);
});

test("the same accept sent five times at once gives one lease", async () => {
  const { handoff_id } = await offered(api);
  const call = { params: { id: handoff_id }, body: acceptBody() };
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => api.agent.call("acceptHandoff", call)));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(4);
  expect(new Set(answers.map(({ value }) => value.lease.id)).size).toBe(1);
});

test("dev may turn its own work down, as it may over its lease: a new round, charged", async () => {
  const { handoff_id } = await offered(api);
  const qa = await accepted(api, handoff_id);
  const body = { epoch: qa.lease.epoch, reason: "broken" };
  const { packet } = await api.agent.ok("failHandoff", { params: { id: handoff_id }, body });
  const dev = await accepted(api, packet.id);
  const again = await api.agent.ok("failHandoff", {
    params: { id: packet.id },
    body: { epoch: dev.lease.epoch, reason: "cannot be mended so" },
  });
  expect(again).toMatchObject({
    ...{ task: { stage: "dev", visit: 3, rejections: 2 }, handoff: { kind: "back", state: "failed" } },
  });
});

test("an answer that is repeated under its key counts once", async () => {
  const { handoff_id } = await offered(api);
  const call = { params: { id: handoff_id }, body: doneBy(await accepted(api, handoff_id)) };
  const key = { "idempotency-key": `complete ${handoff_id}`.replace(" ", "-") };
  const first = await api.agent.call("completeHandoff", call, key);
  expect(await api.agent.call("completeHandoff", call, key)).toMatchObject({ status: 200, text: first.text });
});

test("the first work of a task is nobody's handoff", async () => {
  const { tasks } = await run(api);
  const params = { id: tasks[0]?.id ?? "" };
  expect(await api.producer.ok("listHandoffs", { params })).toEqual({ items: [], next_cursor: null });
  expect(await api.producer.ok("listPackets", { params })).toEqual({ items: [], next_cursor: null });
});
