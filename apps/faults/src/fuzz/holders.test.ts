/** The watch over leases sees a task in two hands. */
import type { LeaseView } from "@baton/domain/api";
import { expect, test } from "vitest";
import { openHolders } from "./holders.ts";

const lease = (id: string, until: number): { lease: LeaseView } => ({
  lease: {
    ...{ id, task_id: "t", stage: "dev", visit: 1, attempt: 1, epoch: 1, heartbeat_every_s: 1 },
    expires_at: new Date(until).toISOString(),
  },
});

test("a task in two hands at once is seen, the same lease twice is none", () => {
  const holders = openHolders(() => 1_000);
  holders.given(lease("a", 6_000));
  holders.given(lease("a", 6_000));
  expect(holders.faults).toEqual([]);
  holders.given(lease("b", 7_000));
  expect(holders.faults).toHaveLength(1);
  holders.ended("t");
  holders.given(lease("c", 7_000));
  expect(holders.faults).toHaveLength(1);
});

test("a lease that is over is no hand any more", () => {
  let now = 1_000;
  const holders = openHolders(() => now);
  holders.given(lease("a", 6_000));
  now = 6_000;
  holders.given(lease("b", 12_500));
  expect(holders.faults).toEqual([]);
});
