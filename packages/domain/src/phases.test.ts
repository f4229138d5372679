/** The table of phases. */
import { expect, test } from "vitest";
import { isPhase, PHASE_NAMES, PHASES, phasesBefore } from "./phases.ts";

test("there are eight phases, each in its place", () => {
  expect(PHASE_NAMES.map((phase) => [PHASES[phase].order, phase, PHASES[phase].label].join(" "))).toEqual([
    ...["1 planning Planning", "2 design_review Design", "3 in_progress Build", "4 qa_review Test"],
    ...["5 review Review", "6 approved Approved", "7 pr_submitted PR Submitted", "8 done Done"],
  ]);
});

test("each phase has its agent", () => {
  expect(PHASE_NAMES.map((phase) => `${PHASES[phase].agent} ${PHASES[phase].agent_type}`)).toEqual([
    ...["IN1 architect", "IN1 architect", "IN2 builder", "IN6 qa"],
    ...["IN1 architect", "HBx orchestrator", "IN2 builder", "HBx orchestrator"],
  ]);
});

test("before a phase come those of a lower order, and before the first none", () => {
  expect(phasesBefore("planning")).toEqual([]);
  expect(phasesBefore("qa_review")).toEqual(["planning", "design_review", "in_progress"]);
});

test("only names of the table are phases", () => {
  for (const name of ["dev", "", "toString", "__proto__", "Planning"]) expect(isPhase(name)).toBe(false);
  expect(isPhase("done")).toBe(true);
});
