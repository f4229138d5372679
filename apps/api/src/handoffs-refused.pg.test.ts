/** What is refused to whoever drives a handoff by hand, how it is said, and that nothing has changed then. */
import { expect, test } from "vitest";
import { acceptBody, accepted, doneBy, handoffsOf, offered, pulled } from "./testing/handoffs.ts";
import { serve, stranger, tokenOf } from "./testing/served.ts";
import { claimBody, PACKET } from "./testing/work.ts";

const api = await serve();

test("a living claim_id of another task is refused", async () => {
  const { run: made, handoff_id } = await offered(api);
  await api.producer.ok("addTasks", { params: { id: made.id }, body: { tasks: [{ title: "another" }] } });
  const mine = claimBody(["dev"]);
  expect((await api.agent.call("claim", { body: mine })).status).toBe(201);
  const body = acceptBody({ claim_id: mine.claim_id });
  expect(await api.agent.call("acceptHandoff", { params: { id: handoff_id }, body })).toMatchObject({
    ...{ status: 409, problem: { code: "claim_id_used" } },
  });
});

test("of two who accept at the same moment one wins, and the other is told who", async () => {
  for (let round = 0; round < 10; round += 1) {
    const { task_id, handoff_id } = await offered(api);
    const accept = (id: string) => ({ params: { id: handoff_id }, body: acceptBody({ agent: { id } }) });
    const both = await Promise.all(["one", "two"].map((id) => api.agent.call("acceptHandoff", accept(id))));
    const won = both.find(({ status }) => status === 201);
    const lost = both.find(({ status }) => status !== 201);
    expect(lost).toMatchObject({
      ...{ status: 409, problem: { code: "lease_held", holder: { agent_id: won?.value.handoff.accepted_by } } },
    });
    const { items } = await api.admin.ok("timeline", { params: { id: task_id } });
    expect(items.map(({ type }) => type)).toEqual(["submitted", "claimed", "passed", "claimed"]);
  }
});

test("steps in the wrong order are 409 with the state of the handoff, and change nothing", async () => {
  const { task_id, handoff_id } = await offered(api);
  const params = { id: handoff_id };
  const no = (state: string) => ({ status: 409, problem: { detail: expect.stringContaining(`is ${state}`) } });
  const early = { epoch: 1, packet: PACKET };
  expect(await api.agent.call("completeHandoff", { params, body: early })).toMatchObject(no("offered"));
  expect(await api.agent.call("failHandoff", { params, body: { epoch: 1, reason: "x" } })).toMatchObject(no("offered"));
  const body = doneBy(await accepted(api, handoff_id));
  await api.agent.ok("completeHandoff", { params, body });
  const before = await api.admin.ok("timeline", { params: { id: task_id } });
  expect(await api.agent.call("completeHandoff", { params, body })).toMatchObject(no("completed"));
  expect(await api.agent.call("failHandoff", { params, body: { epoch: body.epoch, reason: "x" } })).toMatchObject(
    no("completed"),
  );
  expect(await api.agent.call("acceptHandoff", { params, body: acceptBody() })).toMatchObject(no("completed"));
  const sec = await pulled(api, "sec");
  const other = { epoch: sec.lease.epoch, packet: PACKET };
  expect(await api.agent.call("completeHandoff", { params, body: other })).toMatchObject(no("completed"));
  expect((await api.admin.ok("timeline", { params: { id: task_id } })).items.slice(0, -1)).toEqual(before.items);
});

test("a handoff that an operator ended says so to whoever comes late", async () => {
  const { task_id, handoff_id } = await offered(api);
  await api.producer.ok("advanceStage", { params: { id: task_id }, body: { result: "fail", notes: "start over" } });
  const late = await api.agent.call("acceptHandoff", { params: { id: handoff_id }, body: acceptBody() });
  expect(late).toMatchObject({ status: 409, problem: { code: "transition_not_allowed" } });
  expect(late.problem.detail).toMatch(/is failed .*start over/);
  await api.producer.ok("cancelTask", { params: { id: task_id }, body: { reason: "not wanted" } });
  await api.admin.ok("reopenTask", { params: { id: task_id } });
  const [back] = await handoffsOf(api, task_id);
  expect(back).toMatchObject({ kind: "back", state: "failed", reason: expect.stringContaining("not wanted") });
  const gone = { params: { id: back?.id ?? "" }, body: acceptBody() };
  expect((await api.agent.call("acceptHandoff", gone)).status).toBe(409);
});

test("a lost lease is 410, whatever has become of the handoff since, and changes nothing", async () => {
  const { run: made, task_id, handoff_id } = await offered(api);
  const params = { id: handoff_id };
  const lost = { status: 410, problem: { code: "lease_lost" } };
  const old = await accepted(api, handoff_id);
  const send = (epoch: number) =>
    Promise.all([
      api.agent.call("completeHandoff", { params, body: { epoch, packet: PACKET } }),
      api.agent.call("failHandoff", { params, body: { epoch, reason: "x" } }),
    ]);
  expect(await send(old.lease.epoch + 1)).toMatchObject([lost, lost]);
  await api.agent.ok("release", { params: { id: old.lease.id }, body: { epoch: old.lease.epoch } });
  expect(await send(old.lease.epoch)).toMatchObject([lost, lost]);
  const now = await accepted(api, handoff_id);
  expect(now.handoff).toMatchObject({ lease_id: now.lease.id, accepted_at: old.handoff.accepted_at });
  expect(await send(old.lease.epoch)).toMatchObject([lost, lost]);
  await api.producer.ok("killRun", { params: { id: made.id } });
  expect(await send(now.lease.epoch)).toMatchObject([lost, lost]);
  const { items } = await api.admin.ok("timeline", { params: { id: task_id } });
  expect(items.map(({ type }) => type).slice(3)).toEqual(["claimed", "released", "claimed", "cancelled"]);
});

test("a lease that ran out is 410 before anybody has noticed", async () => {
  const { task_id, handoff_id } = await offered(api);
  const { lease } = await accepted(api, handoff_id);
  const over = "update tasks set lease_expires_at = now() - interval '1 second' where id = $1";
  await api.parts.line.db.run({ name: "lease_over", text: over }, [task_id]);
  const body = { epoch: lease.epoch, packet: PACKET };
  expect(await api.agent.call("completeHandoff", { params: { id: handoff_id }, body })).toMatchObject({ status: 410 });
});

test("a handoff of nobody, of another workspace or in another agent's hands is not there", async () => {
  const { task_id, handoff_id } = await offered(api);
  const mine = await accepted(api, handoff_id);
  const foreign = await stranger(api);
  const other = api.as(await tokenOf(api.admin, "agent"));
  const nobody = "019a0000-0000-7000-8000-000000000001";
  const tries = [
    await foreign.call("acceptHandoff", { params: { id: handoff_id }, body: acceptBody() }),
    await foreign.call("completeHandoff", { params: { id: handoff_id }, body: doneBy(mine) }),
    await foreign.call("failHandoff", { params: { id: handoff_id }, body: { epoch: mine.lease.epoch, reason: "x" } }),
    await foreign.call("getHandoff", { params: { id: handoff_id } }),
    await foreign.call("listHandoffs", { params: { id: task_id } }),
    await foreign.call("listPackets", { params: { id: task_id } }),
    await other.call("getHandoff", { params: { id: handoff_id } }),
    await other.call("listPackets", { params: { id: task_id } }),
    await other.call("completeHandoff", { params: { id: handoff_id }, body: doneBy(mine) }),
    await api.agent.call("getHandoff", { params: { id: nobody } }),
    await api.agent.call("acceptHandoff", { params: { id: nobody }, body: acceptBody() }),
    await api.agent.call("completeHandoff", { params: { id: nobody }, body: doneBy(mine) }),
  ];
  for (const answer of tries) expect(answer).toMatchObject({ status: 404, problem: { code: "not_found" } });
  expect((await api.agent.ok("completeHandoff", { params: { id: handoff_id }, body: doneBy(mine) })).verdict).toBe(
    "pass",
  );
});

test("a handoff that does not keep its contract is 422, stays accepted, and may be mended", async () => {
  const { run: made, handoff_id } = await offered(api);
  const params = { id: handoff_id };
  const edge = { id: made.project_id, from: "qa" as const, to: "sec" as const };
  await api.producer.ok("putContract", {
    params: edge,
    body: { packet: { required_fields: ["output_metrics.tried"] } },
  });
  const mine = await accepted(api, handoff_id);
  const key = { "idempotency-key": `mend-${handoff_id}` };
  expect(await api.agent.call("completeHandoff", { params, body: doneBy(mine) }, key)).toMatchObject({
    ...{ status: 422, problem: { code: "contract_violated" } },
  });
  const { handoff } = await api.agent.ok("getHandoff", { params });
  expect(handoff).toMatchObject({ state: "accepted", lease_id: mine.lease.id });
  const packet = { output_summary: "tried", output_metrics: { tried: 3 } };
  const done = await api.agent.ok("completeHandoff", { params, body: doneBy(mine, { packet }) }, key);
  expect(done.handoff.state).toBe("completed");
});

test("a paused run gives no lease here either, and what is held may be finished", async () => {
  const { run: made, handoff_id } = await offered(api);
  await api.producer.ok("pauseRun", { params: { id: made.id } });
  const call = { params: { id: handoff_id }, body: acceptBody() };
  expect(await api.agent.call("acceptHandoff", call)).toMatchObject({
    ...{ status: 409, problem: { code: "run_closed", detail: expect.stringContaining("paused") } },
  });
  await api.producer.ok("resumeRun", { params: { id: made.id } });
  const held = await api.agent.ok("acceptHandoff", call);
  await api.producer.ok("pauseRun", { params: { id: made.id } });
  const done = await api.agent.ok("completeHandoff", { params: { id: handoff_id }, body: doneBy(held) });
  expect(done.handoff.state).toBe("completed");
});

test("a task that is due later or blocked is not to be had yet, and keeps its handoff", async () => {
  const { task_id, handoff_id } = await offered(api);
  const params = { id: handoff_id };
  const { lease } = await accepted(api, handoff_id);
  const error = { message: "no model", fault: "provider" as const, retry_after_s: 60 };
  await api.agent.ok("fail", { params: { id: lease.id }, body: { epoch: lease.epoch, error } });
  expect(await api.agent.call("acceptHandoff", { params, body: acceptBody() })).toMatchObject({
    ...{ status: 409, problem: { code: "not_due" } },
  });
  await api.parts.line.db.run({ name: "due", text: "update tasks set due_at = now() where id = $1" }, [task_id]);
  const again = await accepted(api, handoff_id);
  const block = { epoch: again.lease.epoch, kind: "needs_input" as const, reason: "which colour?" };
  await api.agent.ok("block", { params: { id: again.lease.id }, body: block });
  expect(await api.agent.call("acceptHandoff", { params, body: acceptBody() })).toMatchObject({
    ...{ status: 409, problem: { code: "transition_not_allowed" } },
  });
  expect(await handoffsOf(api, task_id)).toMatchObject([{ state: "accepted", lease_id: again.lease.id }]);
});

test("nobody accepts for qa what was its own work in dev", async () => {
  const { task_id, handoff_id } = await offered(api);
  const own = { params: { id: handoff_id }, body: acceptBody({ agent: { id: "agent-1" } }) };
  expect(await api.agent.call("acceptHandoff", own)).toMatchObject({ status: 409, problem: { code: "conflict" } });
  expect(await handoffsOf(api, task_id)).toMatchObject([{ state: "offered" }]);
});

test("a token limited to stages accepts nothing for another one", async () => {
  const { handoff_id } = await offered(api);
  const limited = async (stage: "dev" | "qa") =>
    api.as((await api.admin.ok("createToken", { body: { name: stage, role: "agent", stages: [stage] } })).token);
  const call = { params: { id: handoff_id }, body: acceptBody() };
  expect(await (await limited("dev")).call("acceptHandoff", call)).toMatchObject({ status: 403 });
  expect((await (await limited("qa")).call("acceptHandoff", call)).status).toBe(201);
});

test("bad bodies are 400 with the place of the fault, and the lease stays", async () => {
  const { handoff_id } = await offered(api);
  const mine = await accepted(api, handoff_id);
  const { epoch } = mine.lease;
  const bad: [string, unknown, string][] = [
    ["accept", { agent: { id: "a" } }, "/claim_id"],
    ["accept", { ...acceptBody(), stages: ["qa"] }, "/stages"],
    ["accept", { ...acceptBody(), lease_s: 1 }, "/lease_s"],
    ["complete", { epoch, result: "pass", packet: PACKET }, "/result"],
    ["complete", { epoch }, "/packet"],
    ["complete", { epoch: "1", packet: PACKET }, "/epoch"],
    ["complete", { epoch, packet: { output_summary: "a\0b" } }, "/packet/output_summary"],
    ["fail", { epoch }, "/reason"],
    ["fail", { epoch, reason: "" }, "/reason"],
    ["fail", { epoch, reason: "x", findings: [{}] }, "/findings/0/title"],
  ];
  for (const [step, body, pointer] of bad) {
    const headers = { "content-type": "application/json" };
    const path = `/api/handoffs/${handoff_id}/${step}`;
    const answer = await api.agent.raw("POST", path, { body: JSON.stringify(body), headers });
    expect(answer, `${step} ${pointer}`).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  }
  expect((await api.agent.raw("GET", "/api/handoffs/nonsense")).status).toBe(400);
  const large = { ...doneBy(mine), packet: { output_summary: "x", output_metrics: { big: "y".repeat(260 * 1_024) } } };
  const params = { id: handoff_id };
  expect(await api.agent.call("completeHandoff", { params, body: large })).toMatchObject({ status: 413 });
  expect((await api.agent.ok("completeHandoff", { params, body: doneBy(mine) })).handoff.state).toBe("completed");
});
