/** Waiting between attempts: full jitter under a growing ceiling. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { retryDelayMs } from "./retry.ts";

const almost_one = 1 - Number.EPSILON;

test("the ceiling doubles from two seconds to five minutes", () => {
  const ceilings = [1, 2, 3, 7, 8, 9, 100].map((attempt) => retryDelayMs(attempt, almost_one) + 1);
  expect(ceilings).toEqual([2_000, 4_000, 8_000, 128_000, 256_000, 300_000, 300_000]);
});

test("a delay may be nothing at all", () => {
  expect(retryDelayMs(5, 0)).toBe(0);
});

test("an attempt below the first counts as the first", () => {
  expect(retryDelayMs(0, almost_one)).toBe(1_999);
  expect(retryDelayMs(-5, almost_one)).toBe(1_999);
});

const random = fc.double({ min: 0, max: almost_one, noNaN: true });

test("a delay is whole milliseconds within five minutes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), random, (attempt, chance) => {
      const delay = retryDelayMs(attempt, chance);
      expect(Number.isInteger(delay)).toBe(true);
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThan(300_000);
    }),
  );
});
