/** Which returns are soon enough: none late of a few, one of some, one in a hundred of many, and none very late. */
import { expect, test } from "vitest";
import { slowReturns } from "./returns.ts";

/** So many, of which these took so long. */
const returns = (count: number, ...late: number[]) => [
  ...Array.from({ length: count - late.length }, () => 900),
  ...late,
];

test.each([
  ["all are in time", returns(8), 0],
  ["a few, one of them late", returns(19, 3_001), 1],
  ["some, one of them late", returns(20, 6_000), 0],
  ["some, two of them late", returns(99, 3_500, 3_500), 1],
  ["some, one of them very late", returns(99, 6_001), 1],
  ["a hundred, one of them late", returns(100, 6_000), 0],
  ["many, one in a hundred late", returns(300, 3_500, 4_000, 6_000), 0],
  ["many, more than one in a hundred late", returns(300, 3_500, 3_500, 3_500, 3_500), 1],
  ["many, one of them very late", returns(300, 6_001), 1],
  ["one never came back", returns(300, Number.POSITIVE_INFINITY), 1],
  ["nobody was killed", [], 0],
])("%s", (_, back_ms, violations) => {
  expect(slowReturns(back_ms, 2)).toHaveLength(violations);
});

test("where all together took longer to start, that is the limit", () => {
  expect(slowReturns(returns(8, 6_900), 7)).toEqual([]);
  expect(slowReturns(returns(8, 7_100), 7)).toHaveLength(1);
});

test("it is told how many were late, how late, and what is allowed", () => {
  const detail = (back_ms: number[]) => slowReturns(back_ms, 2)[0]?.detail;
  expect(detail(returns(8, 3_100))).toBe(
    "1 of 8 were back after more than 3000 ms, the last of them after 3100 ms; of fewer than 20 none may be late",
  );
  expect(detail(returns(50, 7_000))).toContain("; one may be, up to 6000 ms");
  expect(detail(returns(200, 7_000))).toContain("; one in a hundred may be, up to 6000 ms");
});
