/**
 * Makes the sample's repository out of the template: `node prepare.ts <target folder>`. Leaves one that is there alone, and
 * never leaves half a one: it is finished beside the target and then moved into place.
 */
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const TEMPLATE = join(import.meta.dirname, "template");
/** The user's own hooks, signing and name stay out of it. */
const PLAIN = [
  "core.hooksPath=/dev/null",
  "commit.gpgsign=false",
  "user.name=Baton sample",
  "user.email=sample@baton.invalid",
];

interface Prepared {
  readonly path: string;
  readonly created: boolean;
}

export async function prepareSample(target: string): Promise<Prepared> {
  const path = resolve(target);
  if (existsSync(join(path, ".git"))) return { path, created: false };
  if (existsSync(path) && readdirSync(path).length > 0)
    throw new Error(`${path} is not empty and not a git repository`);
  const draft = `${path}.draft-${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    cpSync(TEMPLATE, draft, { recursive: true });
    await git(draft, "init", "--quiet", "--template=", "--initial-branch=main");
    await git(draft, "add", "--all");
    await git(draft, "commit", "--quiet", "--message", "Slugs for titles");
    renameSync(draft, path);
    return { path, created: true };
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

async function git(folder: string, ...command: string[]): Promise<void> {
  const settings = PLAIN.flatMap((setting) => ["-c", setting]);
  await promisify(execFile)("git", ["-C", folder, ...settings, ...command]);
}

if (import.meta.main) {
  const target = process.argv[2];
  if (target === undefined) {
    console.error("usage: node prepare.ts <target folder>");
    process.exitCode = 64;
  } else {
    console.log(JSON.stringify(await prepareSample(target)));
  }
}
