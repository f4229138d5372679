/** Every combination of circumstances leads to exactly one directive: the most urgent one. */
import { expect, test } from "vitest";
import { type Circumstances, DIRECTIVES, directiveOf } from "./directive.ts";

const CALM: Circumstances = {
  ...{ cancelled: false, paused: false, deadline_in_ms: null, lease_ms: 120_000 },
  ...{ budget: null, circuit_open: false },
};

const yesNo = [false, true];
const deadlines = [null, 3_600_000, 59_000, 0, -1];
const budgets = [null, { limit: "10.000000", spent: "8.999999" }, { limit: "10.000000", spent: "9.000000" }];

const all = yesNo.flatMap((cancelled) =>
  yesNo.flatMap((paused) =>
    yesNo.flatMap((circuit_open) =>
      deadlines.flatMap((deadline_in_ms) =>
        budgets.map((budget) => ({ ...CALM, cancelled, paused, circuit_open, deadline_in_ms, budget })),
      ),
    ),
  ),
);

test.each(all)("$cancelled $paused $circuit_open $deadline_in_ms $budget.spent", (now) => {
  const near = now.deadline_in_ms !== null && now.deadline_in_ms < 60_000;
  const dear = now.budget?.spent === "9.000000";
  const wanted = [now.cancelled, now.paused, now.circuit_open || near || dear, true].indexOf(true);
  expect(directiveOf(now)).toBe(DIRECTIVES[wanted]);
});

test.each([
  [120_000, 60_000, "wind_down"],
  [120_000, 60_001, "continue"],
  [400_000, 200_000, "wind_down"],
  [400_000, 200_001, "continue"],
])("a lease of %i ms that ends for good in %i ms: %s", (lease_ms, deadline_in_ms, directive) => {
  expect(directiveOf({ ...CALM, lease_ms, deadline_in_ms })).toBe(directive);
});

test("a budget of nothing is used up from the beginning", () => {
  expect(directiveOf({ ...CALM, budget: { limit: "0.000000", spent: "0.000000" } })).toBe("wind_down");
});
