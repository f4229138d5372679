/** Who ends an attempt whose contract gives it no more time, and what that costs the task. */
import { expect, test } from "vitest";
import { heartbeatLease, watchContracts } from "./index.ts";
import { REPORT, working } from "./testing/contracts.ts";
import { rowOf, sql } from "./testing/verbs.ts";

test.each([
  ["retry", { state: "pending", failures: 0 }, "contract"],
  ["fail", { state: "pending", failures: 1 }, "task"],
] as const)("an attempt whose time is over is ended: if_missing %s", async (if_missing, row, fault) => {
  const { open, id, ref } = await working({ artifacts: [REPORT], timeout_minutes: 5, if_missing });
  expect(await watchContracts(open.line)).toBe(0);
  await sql(open, "update attempts set started_at = now() - interval '5 minutes'");
  expect(await watchContracts(open.line)).toBe(1);
  expect(await rowOf(open, id)).toMatchObject({ stage: "dev", ...row });
  const message = "no handoff that keeps version 1 of the contract came within 5 minutes of the claim";
  expect(await sql(open, "select outcome, fault, message from attempts")).toEqual([
    { outcome: "fail", fault, message },
  ]);
  expect(await heartbeatLease(open.line, open.admin, ref)).toMatchObject({ problem: { code: "lease_lost" } });
  expect(await watchContracts(open.line)).toBe(0);
});

test("who only warns waits for nothing, and a lease that is over is left to the rescuer", async () => {
  const warned = await working({ timeout_minutes: 1, if_missing: "warn" });
  await sql(warned.open, "update attempts set started_at = now() - interval '1 hour'");
  expect(await watchContracts(warned.open.line)).toBe(0);
  const gone = await working({ timeout_minutes: 1 });
  await sql(gone.open, "update attempts set started_at = now() - interval '1 hour'");
  await sql(gone.open, "update tasks set lease_expires_at = now()");
  expect(await watchContracts(gone.open.line)).toBe(0);
});
