/** The fingerprint against the published vectors of FNV-1a. */
import { expect, test } from "vitest";
import { fingerprint } from "./fingerprint.ts";

test.each([
  ["", "cbf29ce484222325"],
  ["a", "af63dc4c8601ec8c"],
  ["foobar", "85944171f73967e8"],
])("the fingerprint of %j is the published one", (text, expected) => {
  expect(fingerprint([text])).toBe(expected);
});

test("where one text ends and the next begins makes a difference", () => {
  expect(fingerprint(["ab", "c"])).not.toBe(fingerprint(["a", "bc"]));
});
