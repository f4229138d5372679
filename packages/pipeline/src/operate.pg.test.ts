/** A person's hand on a task: what each step does to it and to its run, and whom it has to wait for. */
import { newId } from "@baton/db";
import { expect, test } from "vitest";
import {
  advanceStage,
  cancelTask,
  getRun,
  heartbeatLease,
  pauseRun,
  reopenTask,
  resumeRun,
  setStage,
  unblockTask,
} from "./index.ts";
import { type TestLine, testLine } from "./testing/index.ts";
import {
  claimed,
  complete,
  countOf,
  HINDERED,
  handOver,
  happened,
  leased,
  newTasks,
  replayed,
  sql,
  submitted,
  valueOf,
} from "./testing/verbs.ts";

const runState = async (open: TestLine, run: { id: string }) =>
  valueOf(await getRun(open.line, open.admin, run)).run.state;

test("advancing leads through all stages to the end, with a packet of the person's for each", async () => {
  const open = await testLine();
  const { id, run } = await submitted(open);
  const places = [];
  for (let i = 0; i < 4; i += 1) {
    const { task } = valueOf(await advanceStage(open.line, open.admin, { id, result: "pass", notes: "looks good" }));
    places.push(`${task.stage} ${task.state}`);
  }
  expect(places).toEqual(["qa pending", "sec pending", "docs pending", "complete completed"]);
  const packets = await sql(open, "select phase, version, status, agent_type, output_summary from handoff_packets");
  expect(packets).toHaveLength(4);
  expect(packets[3]).toEqual({
    ...{ phase: "docs", version: 1, status: "completed", agent_type: "operator", output_summary: "looks good" },
  });
  await open.line.settle();
  expect(await runState(open, run)).toBe("completed");
});

test("sending back leads to dev with the reason, and counts as a loop-back until the limit", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  for (let round = 1; round <= 3; round += 1) {
    const { task } = valueOf(await advanceStage(open.line, open.admin, { id, result: "fail" }));
    expect(task).toMatchObject({ stage: "dev", state: "pending", rejections: round, visit: round + 1 });
  }
  const { task } = valueOf(await advanceStage(open.line, open.admin, { id, result: "fail", notes: "enough" }));
  expect(task).toMatchObject({ state: "failed", rejections: 4 });
  const [newest] = await sql(
    open,
    "select version, status, rejection_reason from handoff_packets order by version desc",
  );
  expect(newest).toEqual({ version: 4, status: "rejected", rejection_reason: "enough" });
});

test("while somebody holds the task every step but cancel has to wait, and says for whom", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  await leased(open, "dev");
  const steps = [
    await advanceStage(open.line, open.admin, { id, result: "pass" }),
    await advanceStage(open.line, open.admin, { id, result: "fail" }),
    await setStage(open.line, open.admin, { id, stage: "docs" }),
    await reopenTask(open.line, open.admin, { id }),
    await unblockTask(open.line, open.admin, { id }),
  ];
  const holder = { agent_id: "dev-agent", alive: true, last_heartbeat_at: expect.any(String) };
  for (const step of steps) expect(step).toMatchObject({ ok: false, problem: { code: "lease_held", holder } });
  expect(await happened(open, id)).toEqual(["submitted", "claimed"]);
});

test("cancelling takes the task from its holder and its ticket from the queue", async () => {
  const open = await testLine();
  const { ids, run } = await submitted(open, newTasks(2));
  const [held, waiting] = [ids[0] ?? "", ids[1] ?? ""];
  const { ref } = await leased(open, "dev");
  await open.line.settle();
  valueOf(await cancelTask(open.line, open.admin, { id: held }));
  valueOf(await cancelTask(open.line, open.admin, { id: waiting, reason: "not needed" }));
  expect(valueOf(await heartbeatLease(open.line, open.admin, ref)).directive).toBe("cancel");
  expect(await complete(open, ref)).toMatchObject({ problem: { code: "lease_lost" } });
  await expect.poll(async () => (await open.producer.depth()).dev.waiting).toBe(0);
  await open.line.settle();
  expect(await runState(open, run)).toBe("failed");
});

test("what the table does not allow is refused with what it allows", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  valueOf(await cancelTask(open.line, open.admin, { id }));
  const again = await cancelTask(open.line, open.admin, { id });
  expect(again).toMatchObject({
    problem: {
      code: "transition_not_allowed",
      allowed: ["set_stage", "reopen"],
      detail: expect.stringContaining("cancelled"),
    },
  });
});

test("a completed task that is set to a stage begins a new visit there, and its run is active again", async () => {
  const open = await testLine();
  const { id, run } = await submitted(open);
  for (const stage of ["dev", "qa", "sec", "docs"] as const) await handOver(open, stage);
  await open.line.settle();
  expect(await runState(open, run)).toBe("completed");
  const { task } = valueOf(await setStage(open.line, open.admin, { id, stage: "sec" }));
  expect(task).toMatchObject({ stage: "sec", state: "pending", visit: 2, finished_at: null });
  expect(valueOf(await getRun(open.line, open.admin, run)).run).toMatchObject({ state: "active", finished_at: null });
  const { packet } = await handOver(open, "sec");
  expect(packet).toMatchObject({ version: 2, phase: "sec" });
});

test("a dead-letter that is reopened starts with clean counters, and its run is active again", async () => {
  const open = await testLine();
  const { id, run } = await submitted(open);
  for (let i = 0; i < 4; i += 1) valueOf(await advanceStage(open.line, open.admin, { id, result: "fail" }));
  await open.line.settle();
  expect(await runState(open, run)).toBe("failed");
  const { task } = valueOf(await reopenTask(open.line, open.admin, { id }));
  expect(task).toMatchObject({ state: "pending", stage: "dev", visit: 5, rejections: 0, failures: 0, crashes: 0 });
  expect(await runState(open, run)).toBe("active");
  expect((await claimed(open, "dev"))?.task.id).toBe(id);
});

test("a dead-letter that is only set to a stage is a dead-letter again at its next rejection", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  for (let i = 0; i < 4; i += 1) valueOf(await advanceStage(open.line, open.admin, { id, result: "fail" }));
  valueOf(await setStage(open.line, open.admin, { id, stage: "qa" }));
  expect(await handOver(open, "qa", "reject")).toMatchObject({ task: { state: "failed", rejections: 4 } });
  const { log, row } = await replayed(open, id);
  expect(log).toEqual(row);
});

test("a task that is reopened in a paused run waits with it", async () => {
  const open = await testLine();
  const { ids, run } = await submitted(open, newTasks(2));
  const id = ids[0] ?? "";
  valueOf(await cancelTask(open.line, open.admin, { id }));
  valueOf(await pauseRun(open.line, open.admin, run));
  valueOf(await reopenTask(open.line, open.admin, { id }));
  expect(await claimed(open, "dev")).toBe(null);
  valueOf(await resumeRun(open.line, open.admin, run));
  expect((await claimed(open, "dev"))?.task.id).toBe(id);
});

test("a task that is taken up again after its run ended while it was paused can be claimed", async () => {
  const open = await testLine();
  const { id, run } = await submitted(open);
  valueOf(await pauseRun(open.line, open.admin, run));
  valueOf(await cancelTask(open.line, open.admin, { id }));
  await open.line.settle();
  expect(await runState(open, run)).toBe("failed");
  valueOf(await reopenTask(open.line, open.admin, { id }));
  expect((await claimed(open, "dev"))?.task.id).toBe(id);
});

test("a task that ends, and whose run is resumed, while somebody is about to take it up again can be claimed", async () => {
  const open = await testLine();
  const { ids, run } = await submitted(open, newTasks(2));
  const id = ids[0] ?? "";
  valueOf(await pauseRun(open.line, open.admin, run));
  const taken_up = await open.db.transaction(async (tx) => {
    const say = (text: string) => tx.run({ name: text.slice(0, 12), text }, [run.id]);
    await say("select id from runs where id = $1 for update");
    const waiting = setStage(open.line, open.admin, { id, stage: "sec" });
    await expect.poll(() => countOf(open, HINDERED)).toBe(1);
    valueOf(await cancelTask(open.line, open.admin, { id }));
    await say("update tasks set held = false where run_id = $1 and finished_at is null");
    await say("update runs set state = 'active' where id = $1");
    return { waiting };
  });
  valueOf(await taken_up.waiting);
  expect((await claimed(open, "sec"))?.task.id).toBe(id);
});

test("of steps at the same moment each is done after the other or told why not, and none is lost", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const steps = await Promise.all([
    ...[1, 2, 3].map(() => advanceStage(open.line, open.admin, { id, result: "pass" })),
    cancelTask(open.line, open.admin, { id }),
  ]);
  const done = steps.filter((step) => step.ok).length;
  expect(done).toBeGreaterThan(0);
  const refused = steps.flatMap((step) => (step.ok ? [] : step.problem.code));
  expect(refused.filter((code) => code !== "transition_not_allowed")).toEqual([]);
  expect(await happened(open, id)).toHaveLength(1 + done);
  expect(await countOf(open, "handoff_packets")).toBe(
    (await happened(open, id)).filter((type) => type === "advanced").length,
  );
  const { log, row } = await replayed(open, id);
  expect(log).toEqual(row);
});

test("a task of another workspace is not there", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const stranger = { ...open.admin, workspace_id: newId() };
  for (const step of [
    await advanceStage(open.line, stranger, { id, result: "pass" }),
    await setStage(open.line, stranger, { id, stage: "qa" }),
    await cancelTask(open.line, stranger, { id }),
    await reopenTask(open.line, stranger, { id }),
  ]) {
    expect(step).toMatchObject({ ok: false, problem: { code: "not_found" } });
  }
});
