/** The line from end to end. */
import { expect, test } from "vitest";
import { isStage, nextPlace, PLACES, STAGES, stepsPassed } from "./stages.ts";
import { FINAL_STATES, isFinal, TASK_STATES } from "./states.ts";

test("the line leads from dev over qa, sec and docs to complete", () => {
  expect(STAGES.map(nextPlace)).toEqual(["qa", "sec", "docs", "complete"]);
});

test("steps passed count the stages that lie behind", () => {
  expect(PLACES.map(stepsPassed)).toEqual([0, 0, 1, 2, 3, 4]);
});

test("only the four are stages", () => {
  expect(PLACES.filter(isStage)).toEqual(STAGES);
  for (const other of ["", "DEV", "prod", null, undefined, 1, {}]) expect(isStage(other)).toBe(false);
});

test("completed, failed and cancelled are final", () => {
  expect(TASK_STATES.filter(isFinal)).toEqual(FINAL_STATES);
  expect(FINAL_STATES).toEqual(["completed", "failed", "cancelled"]);
});
