import assert from "node:assert/strict";
import { test } from "node:test";
import { uniqueSlug } from "../src/index.js";

test("a free slug is taken as it is", () => {
  assert.equal(uniqueSlug("Fresh bread", new Set()), "fresh-bread");
});

test("taken slugs are numbered from two on", () => {
  const taken = new Set(["fresh-bread", "fresh-bread-2"]);
  assert.equal(uniqueSlug("Fresh bread", taken), "fresh-bread-3");
});

test("a title without letters still gets a slug", () => {
  assert.equal(uniqueSlug("…", new Set(["untitled"])), "untitled-2");
});
