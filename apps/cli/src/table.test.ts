/** Tables: columns that line up whatever stands in them, and rows that end where the terminal does. */
import { expect, test } from "vitest";
import { cut, plain, widthOf } from "./plain.ts";
import { table } from "./table.ts";

const style = (_: unknown, text: string) => text;
const rows = [
  ["1", { text: "running", style: "cyan" as const }, "a short title"],
  ["200", "failed", `a title that ${"goes on ".repeat(20)}`],
];

test("columns are as wide as what stands in them", () => {
  expect(table(["ID", "STATE", "TITLE"], rows.slice(0, 1), { width: null, style })).toEqual([
    "ID  STATE    TITLE",
    "1   running  a short title",
  ]);
});

test("rows end where the terminal does, and are whole where there is none", () => {
  const [, , cutRow] = table(["ID", "STATE", "TITLE"], rows, { width: 40, style });
  expect(cutRow).toBe("200  failed   a title that goes on goes…");
  expect(table(["ID", "STATE", "TITLE"], rows, { width: null, style })[2]).toContain("goes on goes on goes on");
});

test("styles take no room", () => {
  const shouted = (_: unknown, text: string) => `\u001B[36m${text}\u001B[39m`;
  const [, row] = table(["ID", "STATE", "TITLE"], rows.slice(0, 1), { width: 40, style: shouted });
  expect(widthOf(row ?? "")).toBe(widthOf("1   running  a short title"));
});

test("wide letters count twice, joined ones once, and none is halved", () => {
  expect(cut("漢字漢字", 5)).toBe("漢字…");
  expect(cut("漢字漢字", 4)).toBe("漢…");
  expect(cut("👩‍💻👩‍💻👩‍💻", 5)).toBe("👩‍💻👩‍💻…");
  expect(cut("e\u0301e\u0301e\u0301", 2)).toBe("e\u0301…");
  expect(cut("as it is", 8)).toBe("as it is");
  expect(cut("gone", 0)).toBe("");
});

test("what agents write cannot steer the terminal", () => {
  expect(plain("a\u001B[2Jb\r\nc\u202Ed\u2028e")).toBe("a [2Jb c d e");
  const [, row] = table(["TITLE"], [["two\nlines\u0007"]], { width: null, style });
  expect(row).toBe("two lines");
});
