/** Deadlines. */
import { expect, test } from "vitest";
import { QueueAway } from "./backend.ts";
import { orAway, withinMs } from "./deadline.ts";

const never = new Promise<never>(() => {});

test("work that is in time gives its own result", async () => {
  expect(await withinMs(10_000, Promise.resolve("done"), "late")).toBe("done");
  expect(await orAway(10_000, Promise.resolve(undefined), "away")).toBeUndefined();
});

test("work that is late is not waited for", async () => {
  expect(await withinMs(5, never, "late")).toBe("late");
  await expect(orAway(5, never, "nobody there")).rejects.toThrow(new QueueAway("nobody there"));
});

test("work that fails in time fails with its own error", async () => {
  await expect(withinMs(10_000, Promise.reject(new Error("broken")), "late")).rejects.toThrow("broken");
});
