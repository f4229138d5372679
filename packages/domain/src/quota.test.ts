/** How long a quota is waited for, and how the waiting tasks are spread. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { quotaWait } from "./quota.ts";

const NOW = 1_700_000_000_000;

test("a quarter of an hour where nobody said how long", () => {
  expect(quotaWait(null, NOW, 0)).toEqual({ until_ms: NOW + 900_000, back_ms: NOW + 900_000 });
});

test("a task comes back up to a tenth later, and never more than a minute", () => {
  expect(quotaWait(NOW + 60_000, NOW, 0.5)).toEqual({ until_ms: NOW + 60_000, back_ms: NOW + 63_000 });
  expect(quotaWait(NOW + 86_400_000, NOW, 0.999).back_ms).toBeLessThan(NOW + 86_460_000);
});

test("a time that is over is now", () => {
  expect(quotaWait(NOW - 5_000, NOW, 0.9)).toEqual({ until_ms: NOW, back_ms: NOW });
});

test("nobody comes back before the quota does", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e12, max: 1e13 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (after, random) => {
        const { until_ms, back_ms } = quotaWait(NOW + after, NOW, random);
        expect(until_ms).toBeGreaterThanOrEqual(NOW);
        expect(back_ms - until_ms).toBeGreaterThanOrEqual(0);
        expect(back_ms - until_ms).toBeLessThanOrEqual(60_000);
      },
    ),
  );
});
