/** The hop: from the end of one stage's work to the beginning of the next one's, task by task. */
import { expect, test } from "vitest";
import { hopsOf } from "./hops.ts";

const note = (task_id: string, stage: "dev" | "qa" | "sec" | "docs", begun: number, done: number) => ({
  ...{ task_id, stage, begun, done },
});

test("a task that went through all stages has three hops, whatever the order in which its works are told", () => {
  const notes = [
    note("a", "docs", 40, 41),
    note("a", "dev", 10, 12),
    note("a", "sec", 30, 31),
    note("a", "qa", 15, 16),
  ];
  expect(hopsOf(notes)).toEqual([3, 14, 9]);
});

test("tasks are told apart", () => {
  const notes = [note("a", "dev", 0, 1), note("b", "dev", 5, 6), note("a", "qa", 3, 4), note("b", "qa", 9, 10)];
  expect(hopsOf(notes)).toEqual([2, 3]);
});

test("work done twice counts once, and a stage that is missing makes no hop", () => {
  const notes = [note("a", "dev", 0, 1), note("a", "qa", 90, 91), note("a", "qa", 3, 4), note("a", "docs", 99, 99)];
  expect(hopsOf(notes)).toEqual([2]);
});
