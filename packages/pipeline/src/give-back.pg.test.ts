/** The ends of an attempt without a verdict: what each costs, and when the task can be claimed again. */
import { expect, test } from "vitest";
import { blockLease, failLease, releaseLease, unblockTask } from "./index.ts";
import { testLine } from "./testing/index.ts";
import { claimed, leased, letTasksBeDue, replayed, rowOf, sql, submitted, valueOf } from "./testing/verbs.ts";
import { unblockWaiting } from "./waiting.ts";

async function working() {
  const open = await testLine();
  const { id } = await submitted(open);
  return { open, id, ...(await leased(open, "dev")) };
}

test("a failed attempt is tried again when it is due and not before", async () => {
  const { open, id, ref } = await working();
  const error = { message: "no network", fault: "environment", retry_after_s: 60 } as const;
  const { task } = valueOf(await failLease(open.line, open.admin, { ...ref, error }));
  expect(task).toMatchObject({ state: "pending", attempt: 1, failures: 0 });
  expect(await claimed(open, "dev")).toBe(null);
  await letTasksBeDue(open);
  expect((await claimed(open, "dev"))?.lease.attempt).toBe(2);
  const [attempt] = await sql(open, "select outcome, fault, message from attempts where id = $1", ref.lease_id);
  expect(attempt).toEqual({ outcome: "fail", fault: "environment", message: "no network" });
  expect(await rowOf(open, id)).toMatchObject({ epoch: 2 });
});

test("a provider may ask for a wait of part of a second", async () => {
  const { open, ref, id } = await working();
  const error = { message: "slow down", fault: "provider", retry_after_s: 4.0015 } as const;
  valueOf(await failLease(open.line, open.admin, { ...ref, error }));
  const { log, row } = await replayed(open, id);
  expect(log).toEqual(row);
});

test("a released task costs nothing and can be claimed at once", async () => {
  const { open, ref } = await working();
  const { task } = valueOf(await releaseLease(open.line, open.admin, ref));
  expect(task).toMatchObject({ state: "pending", failures: 0, crashes: 0 });
  expect(await claimed(open, "dev")).not.toBe(null);
});

test("a task that needs an answer waits for a person", async () => {
  const { open, ref, id } = await working();
  const { task } = valueOf(
    await blockLease(open.line, open.admin, { ...ref, kind: "needs_input", reason: "Which one?" }),
  );
  expect(task).toMatchObject({ state: "blocked", blocked: { kind: "needs_input", reason: "Which one?", until: null } });
  expect(await unblockWaiting(open.line)).toBe(0);
  expect(await claimed(open, "dev")).toBe(null);
  valueOf(await unblockTask(open.line, open.admin, { id }));
  expect(await claimed(open, "dev")).not.toBe(null);
});

test("a task that waits for a quota goes on by itself when its time has come", async () => {
  const { open, ref, id } = await working();
  const until = new Date(Date.now() + 3_600_000).toISOString();
  const { task } = valueOf(
    await blockLease(open.line, open.admin, { ...ref, kind: "quota", reason: "used up", until }),
  );
  const late_ms = Date.parse(task.blocked?.until ?? "") - Date.parse(until);
  expect(task.blocked?.kind).toBe("quota");
  expect(late_ms).toBeGreaterThanOrEqual(0);
  expect(late_ms).toBeLessThan(60_000);
  expect(await unblockWaiting(open.line)).toBe(0);
  await sql(open, "update tasks set block_until = now()");
  expect(await unblockWaiting(open.line)).toBe(1);
  expect(await rowOf(open, id)).toMatchObject({ state: "pending", block_kind: null, block_until: null });
  await open.line.settle();
  expect((await claimed(open, "dev"))?.task.id).toBe(id);
});

test.each(["0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])(
  "a task may wait until %s, of which the database knows nothing",
  async (until) => {
    const { open, ref, id } = await working();
    valueOf(await blockLease(open.line, open.admin, { ...ref, kind: "quota", reason: "used up", until }));
    const { log, row } = await replayed(open, id);
    expect(log).toEqual(row);
    expect(row.state).toBe("blocked");
  },
);

test("a lease is given back once", async () => {
  const { open, ref } = await working();
  valueOf(await releaseLease(open.line, open.admin, ref));
  expect(await releaseLease(open.line, open.admin, ref)).toMatchObject({ ok: false, problem: { code: "lease_lost" } });
  const error = { message: "no", fault: "task" } as const;
  expect(await failLease(open.line, open.admin, { ...ref, error })).toMatchObject({ problem: { code: "lease_lost" } });
});
