/** The relay: sends what the process that committed it did not send, when its time has come, and forgets it then. */
import { newId, submit, unsentTickets } from "@baton/db";
import { expect, test, vi } from "vitest";
import { failLease, relayTickets } from "./index.ts";
import { testLine } from "./testing/index.ts";
import { countOf, leased, rowOf, sql, submitted, valueOf } from "./testing/verbs.ts";

/** Tasks as a process leaves them that dies right after its commit. */
async function diedAfterCommit(n: number) {
  const open = await testLine();
  const { run, id } = await submitted(open);
  const { workspace_id, project_id } = await rowOf(open, id);
  const limits = { rejections: 3, attempts: 3, crashes: 3 };
  const task = () => ({
    ...{ id: newId(), workspace_id, project_id, run_id: run.id, held: false, priority: 5, limits, title: "a task" },
    ...{ description: "", acceptance_criteria: [], depends_on: [], waits: false, actor: "test", data: { limits } },
  });
  await submit(open.db, Array.from({ length: n }, task));
  await open.line.settle();
  return open;
}

const letPass = (open: Parameters<typeof sql>[0]) => sql(open, "update outbox set created_at = now() - interval '1 s'");

test("a ticket that was committed and not sent is sent and forgotten", async () => {
  const open = await diedAfterCommit(3);
  expect((await open.producer.depth()).dev.waiting).toBe(1);
  expect(await relayTickets(open.line)).toBe(0);
  await letPass(open);
  expect(await relayTickets(open.line)).toBe(3);
  expect((await open.producer.depth()).dev.waiting).toBe(4);
  expect(await countOf(open, "outbox")).toBe(0);
});

test("all of a long outbox is sent in one pass", async () => {
  const open = await diedAfterCommit(450);
  await letPass(open);
  expect(await relayTickets(open.line)).toBe(450);
  expect((await open.producer.depth()).dev.waiting).toBe(451);
});

test("two relays at the same moment bring each ticket into the queue once", async () => {
  const open = await diedAfterCommit(50);
  await letPass(open);
  await Promise.all([relayTickets(open.line), relayTickets(open.line)]);
  expect((await open.producer.depth()).dev.waiting).toBe(51);
  expect(await countOf(open, "outbox")).toBe(0);
});

test("a relay that dies between sending and forgetting has the ticket sent twice, which is one ticket", async () => {
  const open = await diedAfterCommit(1);
  await letPass(open);
  const tickets = await unsentTickets(open.db, 10);
  await open.producer.add(tickets.map(({ outbox_id: _, ...ticket }) => ticket));
  expect(await relayTickets(open.line)).toBe(1);
  expect((await open.producer.depth()).dev.waiting).toBe(2);
});

test("a retry's ticket is sent when the retry is due, whatever this process takes the time to be", async () => {
  const open = await testLine();
  await submitted(open);
  const { ref } = await leased(open, "dev");
  const error = { message: "no", fault: "provider", retry_after_s: 600 } as const;
  valueOf(await failLease(open.line, open.admin, { ...ref, error }));
  await open.line.settle();
  await letPass(open);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 7_200_000 });
  try {
    expect(await relayTickets(open.line)).toBe(0);
    vi.setSystemTime(Date.now() - 14_400_000);
    await sql(open, "update outbox set not_before = now()");
    expect(await relayTickets(open.line)).toBe(1);
  } finally {
    vi.useRealTimers();
  }
});
