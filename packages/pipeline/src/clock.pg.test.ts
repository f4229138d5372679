/** A clock that lies: only the database's decides when leases end and retries are due. */
import { afterEach, expect, test, vi } from "vitest";
import { advanceStage, explain, failLease, heartbeatLease, rescueTasks } from "./index.ts";
import { testLine } from "./testing/index.ts";
import {
  claimed,
  complete,
  handOver,
  leased,
  letLeasesExpire,
  letTasksBeDue,
  replayed,
  submitted,
  valueOf,
} from "./testing/verbs.ts";

const HOUR = 3_600_000;

/** From now on this process takes it to be so much later. Timers go on as ever. */
const lieBy = (ms: number) => vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + ms });

afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ["ahead", 2 * HOUR],
  ["behind", -2 * HOUR],
])("a process whose clock is two hours %s works like any other", async (_, ms) => {
  const open = await testLine();
  lieBy(ms);
  const { id } = await submitted(open);
  const { ref } = await leased(open, "dev");
  expect(await rescueTasks(open.line)).toBe(0);
  expect(valueOf(await heartbeatLease(open.line, open.admin, ref)).directive).toBe("continue");
  const error = { message: "no", fault: "task", retry_after_s: 60 } as const;
  valueOf(await failLease(open.line, open.admin, { ...ref, error }));
  expect(await claimed(open, "dev")).toBe(null);
  await letTasksBeDue(open);
  await handOver(open, "dev");
  const { log, row } = await replayed(open, id);
  expect(log).toEqual(row);
});

test("a lease that is over is over, though this process takes it to live for hours", async () => {
  const open = await testLine();
  await submitted(open);
  const { ref } = await leased(open, "dev");
  await letLeasesExpire(open);
  lieBy(-2 * HOUR);
  expect(await heartbeatLease(open.line, open.admin, ref)).toMatchObject({ problem: { code: "lease_lost" } });
  expect(await complete(open, ref)).toMatchObject({ problem: { code: "lease_lost" } });
  expect(await rescueTasks(open.line)).toBe(1);
});

test("whether a holder is alive is told by the database's clock", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  await leased(open, "dev");
  lieBy(2 * HOUR);
  expect(valueOf(await explain(open.line, open.admin, { id }))).toMatchObject({
    moving: true,
    holder: { alive: true },
  });
  const step = await advanceStage(open.line, open.admin, { id, result: "pass" });
  expect(step).toMatchObject({ problem: { code: "lease_held", holder: { alive: true } } });
});
