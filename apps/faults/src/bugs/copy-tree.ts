/** A copy of the checkout to put a bug into: its own sources, and the installed packages of the original by links, save ours, which lead into the copy. */
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Leftovers } from "../cluster/leftovers.ts";
import { type Bug, seeded } from "./bug.ts";

const OURS = "@baton";

/** With the bug in it; without one it is as the original. Gives its root; it goes with the leftovers. */
export function copyTree(from: string, bug: Bug | null, leftovers: Leftovers): string {
  const root = mkdtempSync(join(tmpdir(), "baton-bug-"));
  leftovers.add(() => rmSync(root, { recursive: true, force: true }));
  // Root's Postgres runs under another account, which must be able to enter.
  chmodSync(root, 0o755);
  for (const file of filesOf(from)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    copyFileSync(join(from, file), join(root, file));
  }
  linkPackages(from, root);
  for (const edit of bug?.edits ?? []) {
    const path = join(root, edit.file);
    writeFileSync(path, seeded(readFileSync(path, "utf8"), edit));
  }
  return root;
}

/** All that is tracked, and what would be: not what is ignored. */
function filesOf(from: string): string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], { cwd: from });
  const gone = execFileSync("git", ["ls-files", "-z", "--deleted"], { cwd: from });
  const deleted = new Set(gone.toString().split("\0"));
  return listed
    .toString()
    .split("\0")
    .filter((file) => file !== "" && !deleted.has(file));
}

function linkPackages(from: string, root: string): void {
  const [there, here] = [join(from, "node_modules"), join(root, "node_modules")];
  mkdirSync(join(here, OURS), { recursive: true });
  for (const name of readdirSync(there)) if (name !== OURS) symlinkSync(join(there, name), join(here, name));
  for (const folder of ["packages", "apps"]) {
    for (const name of readdirSync(join(root, folder))) symlinkSync(join(root, folder, name), join(here, OURS, name));
  }
}
