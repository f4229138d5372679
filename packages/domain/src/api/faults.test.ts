/** Where a fault is said to be. */
import { expect, test } from "vitest";
import { z } from "zod";
import { faultsOf } from "./faults.ts";

const schema = z.strictObject({ a: z.array(z.strictObject({ "b/c~": z.int() })) });

function faults(value: unknown, root?: string) {
  return schema.safeParse(value).error?.issues.flatMap((issue) => faultsOf(issue, root));
}

test("a fault has the JSON pointer of its place, escaped, below the root", () => {
  expect(faults({ a: [{ "b/c~": "x" }] }, "/query")).toMatchObject([{ pointer: "/query/a/0/b~1c~0" }]);
});

test("what is missing is called missing", () => {
  expect(faults({})).toEqual([{ pointer: "/a", detail: "is missing" }]);
});

test("each unknown field is a fault of its own, and a long name is cut", () => {
  expect(faults({ a: [], x: 1, ["y".repeat(300)]: 1 })).toEqual([
    { pointer: "/x", detail: "is not a known field" },
    { pointer: `/${"y".repeat(200)}`, detail: "is not a known field" },
  ]);
});
