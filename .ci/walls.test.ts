/** Proves the linter's walls: every planted violation is an error, and what the import table allows is not. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PLANTED } from "./planted.ts";

const ROOT = join(import.meta.dirname, "..");
const tree = mkdtempSync(join(tmpdir(), "baton-walls-"));
const fired = new Map<string, string[]>();

beforeAll(async () => {
  for (const file of [".oxlintrc.json", ".ci/walls.json", "tsconfig.json"]) cpSync(join(ROOT, file), join(tree, file));
  symlinkSync(join(ROOT, "node_modules"), join(tree, "node_modules"));
  for (const { path, source } of PLANTED) {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), `${source}\n`);
  }
  for (const { filename, code } of await lint()) fired.set(filename, [...(fired.get(filename) ?? []), code]);
}, 60_000);

afterAll(() => rmSync(tree, { recursive: true, force: true }));

/** The linter exits with 1 when it finds something, which is what it is here for. */
function lint(): Promise<{ filename: string; code: string }[]> {
  const tool = join(ROOT, "node_modules/oxlint/bin/oxlint");
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [tool, "--format", "json"], { cwd: tree, maxBuffer: 2 ** 24 }, (error, stdout) => {
      if (stdout.startsWith("{")) resolve(JSON.parse(stdout).diagnostics);
      else reject(error ?? new Error(stdout));
    });
  });
}

test.each(PLANTED.filter(({ rule }) => rule !== undefined))("$path is refused: $source", ({ path, rule }) => {
  expect(fired.get(path)).toContain(rule);
});

test.each(PLANTED.filter(({ rule }) => rule === undefined))("$path passes: $source", ({ path }) => {
  expect(fired.get(path)).toBeUndefined();
});
