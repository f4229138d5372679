/** Texts and money from outside: what is stored is well-formed, and money is exact. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { cutText, freeObject, money, storableTail, text } from "./text.ts";

const LONE = "\ud83d";
const unicode = fc.string({ unit: "binary", maxLength: 40 });

test("a text is neither too short nor too long, and is never repaired in silence", () => {
  const five = text(5);
  expect(five.parse("a\nb😀")).toBe("a\nb😀");
  for (const bad of ["", "123456", "a\0b", LONE, `${LONE}a`, 5, null]) expect(five.safeParse(bad).success).toBe(false);
  expect(text(5, 0).parse("")).toBe("");
});

test("a cut text is the longest beginning that fits and splits no character", () => {
  fc.assert(
    fc.property(unicode, fc.nat(45), (value, max) => {
      const cut = cutText(value, max);
      expect(value.startsWith(cut)).toBe(true);
      expect(cut.isWellFormed()).toBe(true);
      expect(cut.length).toBeLessThanOrEqual(max);
      expect(cut.length).toBeGreaterThanOrEqual(Math.min(value.length, max) - 1);
    }),
  );
});

test("a text that fits is not cut", () => {
  expect(cutText("ab😀", 4)).toBe("ab😀");
  expect(cutText("ab😀", 3)).toBe("ab");
});

const dirty = fc
  .array(fc.constantFrom("a", "😀", "\0", LONE, "\ude00"), { maxLength: 30 })
  .map((units) => units.join(""));

test("the tail of an output can be stored whatever a program printed", () => {
  fc.assert(
    fc.property(dirty, fc.integer({ min: 1, max: 40 }), (value, max) => {
      const tail = storableTail(value, max);
      expect(text(max, 0).safeParse(tail).success).toBe(true);
    }),
  );
});

test("the tail of an output is its end", () => {
  expect(storableTail("beginning and end", 3)).toBe("end");
  expect(storableTail("a\0b", 10)).toBe("ab");
});

test.each([
  [0, "0.000000"],
  [-0, "0.000000"],
  [1.25, "1.250000"],
  [0.1 + 0.2, "0.300000"],
  [1e-7, "0.000000"],
  [999_999_999_999, "999999999999.000000"],
  ["0007.5", "7.500000"],
  ["0", "0.000000"],
  ["000", "0.000000"],
  ["12.345678", "12.345678"],
])("money %s is %s", (given, expected) => {
  expect(money.parse(given)).toBe(expected);
});

test.each([
  -1,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e12,
  "-1",
  "1e3",
  "1.2345678",
  "1.",
  ".5",
  "",
  " 1",
  "1234567890123",
  null,
])("%j is not money", (given) => {
  expect(money.safeParse(given).success).toBe(false);
});

test("money given as a string keeps every digit, and stays as it is when given again", () => {
  fc.assert(
    fc.property(fc.nat(999_999_999), fc.nat(999_999), (whole, millionths) => {
      const given = `${whole}.${String(millionths).padStart(6, "0")}`;
      expect(money.parse(given)).toBe(given);
    }),
  );
});

test("an object may hold what an agent likes", () => {
  const value = { tests: 12, nested: { list: [1, null, true, { deep: "😀" }] } };
  expect(freeObject.parse(value)).toEqual(value);
});

test.each([
  ["a NUL in a value", { a: "x\0" }],
  ["a NUL in a key", { "a\0": 1 }],
  ["a lone surrogate deep inside", { a: [{ b: LONE }] }],
  ["a key named __proto__", JSON.parse('{"a":{"__proto__":{"admin":true}}}')],
  ["a list", [1]],
  ["null", null],
])("an object with %s is refused", (_, value) => {
  expect(freeObject.safeParse(value).success).toBe(false);
});

test("a prototype given from outside is not taken over", () => {
  expect(freeObject.parse(JSON.parse('{"__proto__":{"admin":true}}'))).toEqual({});
});

function nested(depth: number): unknown {
  return JSON.parse(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`);
}

test("an object is at most twenty levels deep, and a far deeper one is refused without harm", () => {
  expect(freeObject.safeParse(nested(20)).success).toBe(true);
  expect(freeObject.safeParse(nested(21)).success).toBe(false);
  expect(freeObject.safeParse(nested(5_000)).success).toBe(false);
});
