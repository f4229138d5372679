/** An operator's steps over HTTP: advance, send back, set a stage, cancel, reopen, unblock, and what is told of a task meanwhile. */
import { expect, test } from "vitest";
import { serve } from "./testing/served.ts";
import { claimed, PACKET, run } from "./testing/work.ts";

const api = await serve();

async function oneTask() {
  const { tasks } = await run(api);
  return { params: { id: tasks[0]?.id ?? "" } };
}

test("a task is advanced to its end step by step, without a lease", async () => {
  const { params } = await oneTask();
  const stages: string[] = [];
  for (let step = 0; step < 4; step += 1) {
    const { task } = await api.producer.ok("advanceStage", { params, body: { result: "pass" } });
    stages.push(task.stage);
  }
  expect(stages).toEqual(["qa", "sec", "docs", "complete"]);
  const over = await api.producer.call("advanceStage", { params, body: { result: "pass" } });
  expect(over).toMatchObject({ status: 409, problem: { code: "transition_not_allowed", allowed: ["set_stage"] } });
});

test("a failed step sends a task back to dev with the notes", async () => {
  const { params } = await oneTask();
  await api.producer.ok("advanceStage", { params, body: { result: "pass" } });
  const { task } = await api.producer.ok("advanceStage", { params, body: { result: "fail", notes: "does not start" } });
  expect(task).toMatchObject({ stage: "dev", visit: 2, rejections: 1 });
  const { packet, prompt } = await claimed(api);
  expect(packet?.rejection_reason).toBe("does not start");
  expect(prompt).toContain("does not start");
});

test("nobody goes over the head of a holder but by cancelling", async () => {
  const { params } = await oneTask();
  const { lease } = await claimed(api);
  const held = await api.producer.call("advanceStage", { params, body: { result: "pass" } });
  expect(held).toMatchObject({
    status: 409,
    problem: { code: "lease_held", holder: { agent_id: "agent-1", alive: true } },
  });
  expect(await api.admin.call("setStage", { params, body: { stage: "docs" } })).toMatchObject({ status: 409 });
  expect((await api.producer.ok("cancelTask", { params, body: { reason: "not wanted" } })).task.state).toBe(
    "cancelled",
  );
  const beat = await api.agent.ok("heartbeat", { params: { id: lease.id }, body: { epoch: lease.epoch } });
  expect(beat.directive).toBe("cancel");
  const late = { epoch: lease.epoch, result: "pass" as const, packet: PACKET };
  expect(await api.agent.call("complete", { params: { id: lease.id }, body: late })).toMatchObject({ status: 410 });
});

test("whoever cancels a task may reopen it, and only an admin sets its stage", async () => {
  const { params } = await oneTask();
  await api.producer.ok("cancelTask", { params });
  expect(await api.agent.call("reopenTask", { params })).toMatchObject({
    status: 403,
    problem: { code: "forbidden" },
  });
  expect((await api.producer.ok("reopenTask", { params })).task).toMatchObject({ state: "pending", stage: "dev" });
  expect((await api.admin.ok("setStage", { params, body: { stage: "sec" } })).task).toMatchObject({
    stage: "sec",
    visit: 2,
  });
  expect(await api.producer.call("setStage", { params, body: { stage: "qa" } })).toMatchObject({ status: 403 });
});

test("a blocked task says what it waits for and goes on when it is unblocked", async () => {
  const { params } = await oneTask();
  const { lease } = await claimed(api);
  const body = { epoch: lease.epoch, kind: "needs_input" as const, reason: "which colour?" };
  const { task } = await api.agent.ok("block", { params: { id: lease.id }, body });
  expect(task).toMatchObject({ state: "blocked", blocked: { kind: "needs_input", reason: "which colour?" } });
  const told = await api.producer.ok("explain", { params });
  expect(told).toMatchObject({ moving: false, state: "blocked" });
  expect(JSON.stringify(told)).toContain("which colour?");
  expect((await api.producer.ok("unblockTask", { params })).task).toMatchObject({ state: "pending", blocked: null });
  expect(await api.producer.call("unblockTask", { params })).toMatchObject({ status: 409 });
});

test("the timeline tells every event once and in order, page by page", async () => {
  const { params } = await oneTask();
  for (const result of ["pass", "fail", "pass"] as const)
    await api.producer.ok("advanceStage", { params, body: { result } });
  const first = await api.producer.ok("timeline", { params, query: { limit: 3 } });
  const rest = await api.producer.ok("timeline", { params, query: { cursor: first.next_cursor ?? "" } });
  const events = [...first.items, ...rest.items];
  expect(events.map((event) => event.seq)).toEqual([1, 2, 3, 4]);
  expect(events.map((event) => event.type)).toEqual(["submitted", "advanced", "sent_back", "advanced"]);
  expect(rest.next_cursor).toBeNull();
});

test("a task that an agent works on is explained by its holder", async () => {
  const { params } = await oneTask();
  const { lease } = await claimed(api);
  const told = await api.producer.ok("explain", { params });
  expect(told).toMatchObject({ moving: true, holder: { agent_id: "agent-1", lease_id: lease.id, alive: true } });
  expect(told.attempts).toMatchObject([{ lease_id: lease.id, stage: "dev", outcome: null }]);
});

test("an agent sees the task it holds and no other", async () => {
  const { tasks } = await run(api, [{ title: "mine" }, { title: "other" }]);
  const { task } = await claimed(api);
  const other = tasks.find(({ id }) => id !== task.id)?.id ?? "";
  expect((await api.agent.ok("getTask", { params: { id: task.id } })).task.title).toBe(task.title);
  expect(await api.agent.call("getTask", { params: { id: other } })).toMatchObject({ status: 404 });
  expect(await api.agent.call("listTasks")).toMatchObject({ status: 403 });
});
