/** Nothing behind the first page is left out. */
import { expect, test } from "vitest";
import { allPages } from "./tasks-of-run.ts";

test("all pages are read, in their order, to the one that names no other", async () => {
  const pages = new Map([
    [null, { items: ["a", "b"], next_cursor: "b" }],
    ["b", { items: ["c", "d"], next_cursor: "d" }],
    ["d", { items: ["e"], next_cursor: null }],
  ]);
  const asked: (string | null)[] = [];
  const all = await allPages(async (cursor) => {
    asked.push(cursor);
    return pages.get(cursor) ?? { items: [], next_cursor: null };
  });
  expect(all).toEqual(["a", "b", "c", "d", "e"]);
  expect(asked).toEqual([null, "b", "d"]);
});

test("a page with nothing on it is the end where it names no other", async () => {
  expect(await allPages(async () => ({ items: [], next_cursor: null }))).toEqual([]);
});
