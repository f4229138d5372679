/** The closed set of refusals. */
import { expect, test } from "vitest";
import { ERRORS, ok, refused } from "./errors.ts";

test("every code has an HTTP status of an error and a title", () => {
  for (const { status, title } of Object.values(ERRORS)) {
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title).not.toBe("");
  }
});

test("a lost lease is gone for good, a held one is a conflict", () => {
  expect(ERRORS.lease_lost.status).toBe(410);
  expect(ERRORS.lease_held.status).toBe(409);
});

test("an answer is a value or a refusal that says why", () => {
  expect(ok(1)).toEqual({ ok: true, value: 1 });
  const problem = { code: "conflict", detail: "again", retry_after_s: 1 };
  expect(refused("conflict", "again", { retry_after_s: 1 })).toEqual({ ok: false, problem });
});
