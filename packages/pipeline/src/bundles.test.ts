/** Which tickets go as one. */
import { TICKET_TASKS } from "@baton/queue";
import { expect, test } from "vitest";
import { inBundles, sharedBy } from "./bundles.ts";

const bundlesOf = (keys: (string | null)[]) => {
  const items = keys.map((key, i) => ({ key, i }));
  const bundled = inBundles(items, ({ key }) => key);
  expect(bundled).toMatchObject(items);
  return bundled.map(({ bundle }) => bundle);
};
const sizes = (bundles: readonly (string | undefined)[]) =>
  [...Map.groupBy(bundles, (bundle) => bundle)].map(([bundle, all]) => (bundle === undefined ? "own" : all.length));

test("tickets that lead to one place go together, so many at a time, and those of other places apart", () => {
  const bundles = bundlesOf([...Array(60).fill("here"), ...Array(2).fill("there")]);
  expect(sizes(bundles)).toEqual([TICKET_TASKS, TICKET_TASKS, 10, 2]);
});

test("a ticket alone at its place is its own, and so is every one that leads nowhere in particular", () => {
  expect(sizes(bundlesOf(["here", null, "there", null]))).toEqual(["own"].map(() => "own"));
  expect(bundlesOf([])).toEqual([]);
  expect(bundlesOf(Array(TICKET_TASKS + 1).fill("here")).at(-1)).toBeUndefined();
});

test("only where hosted workers look may a ticket be shared", () => {
  expect(sharedBy("r", "qa", ["dev", "qa"])).toBe("r qa");
  expect(sharedBy("r", "sec", ["dev", "qa"])).toBeNull();
  expect(sharedBy("r", "complete", ["dev", "qa"])).toBeNull();
  expect(sharedBy("r", "qa", undefined)).toBeNull();
  expect(sharedBy("r", "qa", ["qa"])).not.toBe(sharedBy("s", "qa", ["qa"]));
});
