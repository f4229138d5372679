/** How faults become problems, and what is not told of them. */
import { ERRORS, type ErrorCode } from "@baton/domain";
import { ProblemView } from "@baton/domain/api";
import { expect, test } from "vitest";
import { problemOf, problemView } from "./problems.ts";

test("every code makes a problem that the schema knows, with its own status", () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const view = problemView({ code, detail: "why" }, "id");
    expect(ProblemView.parse(view)).toEqual(view);
    expect(view).toMatchObject({ status: ERRORS[code].status, type: `/api/docs#${code}`, request_id: "id" });
  }
});

test("a database that is away is 503 and worth another try", () => {
  const refused = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
  const wrapped = new Error("Failed query", { cause: refused });
  expect(problemOf(wrapped)).toMatchObject({ code: "unavailable", retry_after_s: 1 });
});

test("statements that got in each other's way are a conflict, nothing is broken", () => {
  expect(problemOf(Object.assign(new Error("deadlock detected"), { code: "40P01" })).code).toBe("conflict");
});

test("anything unexpected is 500 and tells nothing of itself", () => {
  const error = new Error("select * from secrets");
  expect(problemOf(error)).toMatchObject({ code: "internal" });
  expect(JSON.stringify(problemOf(error))).not.toContain("secrets");
  expect(problemOf("thrown text").code).toBe("internal");
});
