/** The way of a task from 201 to complete, and what each verb leaves in the database. */
import { STAGES } from "@baton/domain";
import { expect, test, vi } from "vitest";
import { failLease, getRun, getTask, relayTickets, reopenTask, rescueTasks } from "./index.ts";
import { testLine } from "./testing/index.ts";
import {
  complete,
  handOver,
  leased,
  letLeasesExpire,
  letTasksBeDue,
  newTasks,
  replayed,
  sql,
  submitted,
  valueOf,
} from "./testing/verbs.ts";

test("a task passes four stages, its run is completed, and its events replay to its row", async () => {
  const open = await testLine();
  const { run, id } = await submitted(open);
  for (const stage of STAGES) await handOver(open, stage);
  const done = await getTask(open.line, open.admin, { id });
  expect(done).toMatchObject({ ok: true, value: { task: { stage: "complete", state: "completed" } } });
  await vi.waitFor(async () =>
    expect(await getRun(open.line, open.admin, { id: run.id })).toMatchObject({
      value: { run: { state: "completed" } },
    }),
  );
  const { log, row } = await replayed(open, id);
  expect(log).toEqual(row);
  expect(open.errors).toEqual([]);
});

test("a rejection goes back to dev as a new visit and its packets are versions of each other", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  await handOver(open, "dev");
  const rejected = await handOver(open, "qa", "reject");
  expect(rejected).toMatchObject({
    verdict: "reject",
    task: { stage: "dev", visit: 2, rejections: 1 },
    packet: { status: "rejected" },
  });
  const again = await handOver(open, "dev");
  const source = { input_source_phase: "qa", input_source_packet_id: rejected.packet.id };
  expect(again.packet).toMatchObject({ version: 2, ...source });
  const { log, row } = await replayed(open, id);
  expect(log).toEqual(row);
});

test("the fourth rejection makes the task a dead-letter and its run failed", async () => {
  const open = await testLine();
  const { run, id } = await submitted(open);
  for (let round = 1; round <= 4; round += 1) {
    await handOver(open, "dev");
    await handOver(open, "qa", "reject");
  }
  const found = await getTask(open.line, open.admin, { id });
  expect(found).toMatchObject({ value: { task: { state: "failed", stage: "dev", rejections: 4 } } });
  await open.line.settle();
  expect(await getRun(open.line, open.admin, { id: run.id })).toMatchObject({ value: { run: { state: "failed" } } });
});

test("only the task's own faults are charged, and the third one fails it", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  for (const fault of ["task", "provider", "task", "task"] as const) {
    await letTasksBeDue(open);
    const { ref } = await leased(open, "dev");
    valueOf(await failLease(open.line, open.admin, { ...ref, error: { message: "no", fault } }));
  }
  const task = { state: "failed", failures: 3, attempt: 4 };
  expect(await getTask(open.line, open.admin, { id })).toMatchObject({ value: { task } });
});

test("a stale lease is refused and changes nothing", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const { ref } = await leased(open, "dev");
  await letLeasesExpire(open);
  const before = await replayed(open, id);
  expect(await complete(open, ref)).toMatchObject({ ok: false, problem: { code: "lease_lost" } });
  expect(await replayed(open, id)).toEqual(before);
});

test("a life with failures, crashes, loop-backs and a second chance replays to its row", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  for (let crash = 1; crash <= 3; crash += 1) {
    await leased(open, "dev");
    await letLeasesExpire(open);
    await rescueTasks(open.line);
  }
  valueOf(await reopenTask(open.line, open.admin, { id }));
  await handOver(open, "dev");
  await handOver(open, "qa", "reject");
  const { ref } = await leased(open, "dev");
  valueOf(
    await failLease(open.line, open.admin, { ...ref, error: { message: "no", fault: "task", retry_after_s: 9.1239 } }),
  );
  const { log, row } = await replayed(open, id);
  expect(log).toEqual(row);
  expect(row).toMatchObject({ state: "pending", visit: 2, failures: 1, crashes: 0, rejections: 1, epoch: 6 });
});

test("every ticket is sent and forgotten", async () => {
  const open = await testLine();
  await submitted(open, newTasks(20));
  await open.line.settle();
  expect((await open.producer.depth()).dev.waiting).toBe(20);
  expect(await sql(open, "select id from outbox")).toEqual([]);
  expect(await relayTickets(open.line)).toBe(0);
});
