/** Folders that resist: they go where their owner may open them up. */
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { openFolder, write } from "./testing.ts";

const NOBODY = 65_534;

/** In a process that is not root's: no permission stops root. */
function clearAwayAsAPerson(path: string): string {
  const program = `
    const { clearAway } = await import(process.argv[1]);
    process.setuid(process.getuid() === 0 ? ${NOBODY} : process.getuid());
    await clearAway(process.argv[2], (text) => console.log(text));`;
  const module = pathToFileURL(join(import.meta.dirname, "clear-away.ts")).href;
  return execFileSync(process.execPath, ["--input-type=module", "-e", program, module, path], { encoding: "utf8" });
}

test("folders that their owner may not write in, as Go leaves its module cache, are removed, and what they link to stays", () => {
  const folder = openFolder();
  const path = join(folder, "worktree");
  write(folder, { "worktree/cache/pkg/file.go": "package x", "elsewhere/kept.txt": "mine" });
  symlinkSync(join(folder, "elsewhere"), join(path, "cache/pkg/link"));
  chmodSync(join(folder, "elsewhere"), 0o555);
  for (const closed of ["cache/pkg", "cache"]) chmodSync(join(path, closed), 0o555);
  if (process.getuid?.() === 0) execFileSync("chown", ["-R", String(NOBODY), folder]);
  expect(clearAwayAsAPerson(path)).toBe("");
  expect(existsSync(path)).toBe(false);
  expect(existsSync(join(folder, "elsewhere/kept.txt"))).toBe(true);
});
