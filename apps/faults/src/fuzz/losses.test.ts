/** An answer is lost only where a claim was made, and who is told "nothing" holds nothing. */
import { expect, test } from "vitest";
import { judgeLosses } from "./losses.ts";

test("a claim that never got there, or that only the second try made, has lost no answer", () => {
  const losses = [
    { claim_id: "given up", again: "not asked" },
    { claim_id: "kept", again: "the same" },
    { claim_id: "over", again: "too late" },
    { claim_id: "made anew", again: "a new one" },
    { claim_id: "reset at once", again: "not asked" },
  ] as const;
  const { made, faults } = judgeLosses(losses, new Set(["given up", "kept", "over", "made anew"]));
  expect(made).toBe(3);
  expect(faults).toEqual([]);
});

test("who asks again and is told that there is nothing must hold nothing", () => {
  const losses = [{ claim_id: "c", again: "nothing" }] as const;
  expect(judgeLosses(losses, new Set())).toEqual({ made: 0, faults: [] });
  const { faults } = judgeLosses(losses, new Set(["c"]));
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(/c was made/);
});
