/** What is held against a rolling restart. */
import { expect, test } from "vitest";
import { notBack } from "./rolling-sigterm.ts";

test("whoever was not back is told, once", () => {
  expect(notBack([])).toEqual([]);
  expect(notBack(["api-1", "worker-2", "api-1"]).map(({ detail }) => detail.split(" ")[0])).toEqual([
    "api-1",
    "worker-2",
  ]);
});
