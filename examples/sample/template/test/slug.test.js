import assert from "node:assert/strict";
import { test } from "node:test";
import { slugify } from "../src/index.js";

test("words are joined by hyphens, in small letters", () => {
  assert.equal(slugify("How to Bake Bread"), "how-to-bake-bread");
});

test("signs and spaces around and between words leave one hyphen at most", () => {
  assert.equal(slugify("  Rock & Roll -- live!  "), "rock-roll-live");
});

test("a slug is cut between words", () => {
  assert.equal(slugify("A very long title indeed", { maxLength: 12 }), "a-very-long");
});

test("letters with accents lose the accent, not the letter", () => {
  assert.equal(slugify("Crème brûlée"), "creme-brulee");
  assert.equal(slugify("Žluťoučký kůň"), "zlutoucky-kun");
});

test("a title without letters or digits has no slug", () => {
  assert.equal(slugify("…!?"), "");
});
