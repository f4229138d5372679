/** Makes the sample's repository for real: once, whole, and never over something that is there. */
import { execFile, execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { test as plain } from "vitest";
import { prepareSample } from "./prepare.ts";

const test = plain.extend("folder", ({}, { onCleanup }) => {
  const folder = mkdtempSync(join(tmpdir(), "baton-sample-"));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
});

function git(repository: string, ...command: string[]): string {
  return execFileSync("git", ["-C", repository, ...command], { encoding: "utf8" }).trim();
}

test("the program makes a clean repository with one commit on main and prints where", async ({ folder, expect }) => {
  const target = join(folder, "deep/sample");
  const program = join(import.meta.dirname, "prepare.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [program, target]);
  expect(JSON.parse(stdout)).toEqual({ path: target, created: true });
  expect(git(target, "rev-list", "--count", "main")).toBe("1");
  expect(git(target, "status", "--porcelain")).toBe("");
  expect(readdirSync(join(folder, "deep"))).toEqual(["sample"]);
});

test("a second time leaves everything as it is", async ({ folder, expect }) => {
  const target = join(folder, "sample");
  await prepareSample(target);
  writeFileSync(join(target, "README.md"), "mine now\n");
  expect(await prepareSample(target)).toEqual({ path: target, created: false });
  expect(readFileSync(join(target, "README.md"), "utf8")).toBe("mine now\n");
});

test("a folder with something else in it is refused and not touched", async ({ folder, expect }) => {
  const target = join(folder, "sample");
  mkdirSync(target);
  writeFileSync(join(target, "letter.txt"), "dear all\n");
  await expect(prepareSample(target)).rejects.toThrow("not a git repository");
  expect(readdirSync(folder)).toEqual(["sample"]);
  expect(readdirSync(target)).toEqual(["letter.txt"]);
});
