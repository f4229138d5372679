/** The seeded bugs fit the sources of today: each place is there, once, so that none is left out in silence. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { leftBehind } from "../cluster/leftovers.ts";
import { SCENARIOS } from "../scenarios/index.ts";
import { type Bug, seeded } from "./bug.ts";
import { copyTree } from "./copy-tree.ts";
import { BUGS } from "./index.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

test("there are twelve, each with a name of its own", () => {
  expect(new Set(BUGS.map(({ name }) => name)).size).toBe(12);
});

describe.each(BUGS)("$name", ({ edits, scenario, breaks }) => {
  test("fits the sources and changes them", () => {
    const texts = new Map<string, string>();
    for (const edit of edits) {
      const before = texts.get(edit.file) ?? readFileSync(`${ROOT}${edit.file}`, "utf8");
      const after = seeded(before, edit);
      expect(after).not.toBe(before);
      texts.set(edit.file, after);
    }
  });

  test("is hunted by a scenario that there is", () => {
    expect(SCENARIOS.map(({ name }) => name)).toContain(scenario);
    expect(breaks.length).toBeGreaterThan(0);
  });
});

test("a place that is gone, or there twice, is a fault", () => {
  const edit = { file: "a", find: "x", replace: "y" };
  expect(seeded("axb", edit)).toBe("ayb");
  expect(() => seeded("ab", edit)).toThrow("0 times");
  expect(() => seeded("xx", edit)).toThrow("2 times");
});

test("a copy goes with the leftovers, also when a bug does not fit", async () => {
  const root = mkdtempSync(join(tmpdir(), "baton-copies-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  vi.stubEnv("TMPDIR", root);
  onTestFinished(() => void vi.unstubAllEnvs());
  const leftovers = leftBehind();
  expect(readdirSync(copyTree(ROOT, null, leftovers))).toContain("package.json");
  const [bug] = BUGS;
  const misfit = { ...bug, edits: [{ file: "package.json", find: "no such text", replace: "" }] } as Bug;
  expect(() => copyTree(ROOT, misfit, leftovers)).toThrow("0 times");
  expect(readdirSync(root)).toHaveLength(2);
  await leftovers.clear();
  expect(readdirSync(root)).toEqual([]);
});
