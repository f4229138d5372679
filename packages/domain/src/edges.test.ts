/** The edges that the database enforces: everything that can happen, and none of what cannot. */
import { expect, test } from "vitest";
import { placeEdges, stateEdges } from "./edges.ts";

test("every place on the line leads to its next, back to dev, to itself, or wherever an operator sets it", () => {
  const expected = ["none>dev", "docs>complete"];
  for (const from of ["dev", "qa", "sec", "docs", "complete"]) {
    for (const to of ["dev", "qa", "sec", "docs"]) expected.push(`${from}>${to}`);
  }
  expect(placeEdges()).toEqual(expected.sort());
});

test("no task leaves the line half way, comes back before it, or skips to its end", () => {
  for (const never of ["dev>complete", "qa>complete", "sec>complete", "dev>none", "complete>complete", "none>qa"]) {
    expect(placeEdges()).not.toContain(never);
  }
});

test("states follow each other as the table says", () => {
  const expected = {
    new: ["blocked", "pending"],
    pending: ["cancelled", "completed", "failed", "pending", "running"],
    running: ["blocked", "cancelled", "completed", "failed", "pending"],
    blocked: ["cancelled", "completed", "failed", "pending"],
    completed: ["pending"],
    failed: ["pending"],
    cancelled: ["pending"],
  };
  const edges = Object.entries(expected).flatMap(([from, all]) => all.map((to) => `${from}>${to}`));
  expect(stateEdges()).toEqual(edges.sort());
});
