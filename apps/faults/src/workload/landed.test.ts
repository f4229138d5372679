/** A branch must hold every accepted commit, and end in the last one. */
import type { EventRow } from "@baton/db";
import { expect, test } from "vitest";
import { judgeLanded, type Passed, passedOf } from "./landed.ts";

/** dev leaves one, qa and sec look at it, docs leaves another. */
const PASSED: Passed[] = [
  { epoch: 1, commit: "dev" },
  { epoch: 2, commit: "dev" },
  { epoch: 4, commit: "docs" },
];

const branch = (head: string, commits: readonly string[], kept: [number, string][] = []) => ({
  head,
  holds: (commit: string) => commits.includes(commit),
  kept: new Map(kept),
});

test("a branch that ends in the last accepted commit and holds the others is right", () => {
  expect(judgeLanded(PASSED, branch("docs", ["base", "dev", "docs"]))).toEqual({ behind: false, faults: [] });
});

test("an accepted commit that is not on the branch is told", () => {
  const { faults } = judgeLanded(PASSED, branch("docs", ["base", "docs"]));
  expect(faults).toHaveLength(2);
  expect(faults[0]).toMatch(/commit dev of epoch 1 is not on it/);
});

test("a branch that goes on behind the last accepted commit is told", () => {
  const { behind, faults } = judgeLanded(PASSED, branch("more", ["base", "dev", "docs", "more"]));
  expect([behind, faults]).toEqual([false, ["its head is more, the last accepted commit is docs"]]);
});

test("one commit behind is no loss where the last one is kept under its own name, and one where it is not", () => {
  expect(judgeLanded(PASSED, branch("dev", ["base", "dev"], [[4, "docs"]]))).toEqual({ behind: true, faults: [] });
  for (const kept of [[], [[4, "other"]], [[3, "docs"]]] as [number, string][][]) {
    const { behind, faults } = judgeLanded(PASSED, branch("dev", ["base", "dev"], kept));
    expect([behind, faults.length]).toEqual([false, 2]);
  }
  expect(judgeLanded(PASSED, branch("base", ["base"], [[4, "docs"]])).faults).not.toEqual([]);
  // Not one behind but somewhere else.
  const astray = judgeLanded(PASSED, branch("other", ["base", "dev", "other"], [[4, "docs"]]));
  expect([astray.behind, astray.faults.length]).toEqual([false, 2]);
});

test("a pass without a commit, and a task without a pass, are told", () => {
  expect(judgeLanded([{ epoch: 1, commit: null }], branch("base", ["base"])).faults).toHaveLength(2);
  expect(judgeLanded([], branch("base", ["base"])).faults).toEqual(["nothing was accepted"]);
});

test("the commits are those that the packets of passes name", () => {
  const event = (type: string, epoch: number, id: string) =>
    ({ type, epoch, data: { packet: { id } } }) as unknown as EventRow;
  const packets = [
    { id: "a", hash: "", commit: "dev" },
    { id: "b", hash: "", commit: "no" },
    { id: "c", hash: "" },
  ];
  const events = [
    event("claimed", 1, "c"),
    event("passed", 1, "a"),
    event("rejected", 2, "b"),
    event("passed", 3, "c"),
  ];
  expect(passedOf({ events, packets })).toEqual([
    { epoch: 1, commit: "dev" },
    { epoch: 3, commit: null },
  ]);
});
