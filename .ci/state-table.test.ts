/** The state table's way into the page. */
import { COMMAND_NAMES } from "@baton/domain";
import { expect, test } from "vitest";
import { stateTable, withTable } from "./state-table.ts";

test("every command has its row", () => {
  const commands = stateTable()
    .split("\n")
    .slice(2)
    .map((row) => row.split(" | ")[0]?.slice(2));
  expect(commands).toEqual(COMMAND_NAMES);
});

test("a row says from where, to what and at what price", () => {
  expect(stateTable()).toContain(
    "| reject | running, lease held | pending; failed once the limit is used up or when it repeats itself | dev, visit + 1 | a loop-back | packet, findings, ticket, event `rejected` |",
  );
});

test("the table replaces what stood between the markers and nothing else", () => {
  const page = "before\n<!-- state-table -->\nold\n<!-- /state-table -->\nafter\n";
  const written = withTable(page) ?? "";
  expect(written).toBe(`before\n<!-- state-table -->\n\n${stateTable()}\n\n<!-- /state-table -->\nafter\n`);
  expect(withTable(written)).toBe(written);
});

test("a page without markers is told apart", () => {
  expect(withTable("no markers")).toBe(undefined);
  expect(withTable("<!-- /state-table --> <!-- state-table -->")).toBe(undefined);
});
