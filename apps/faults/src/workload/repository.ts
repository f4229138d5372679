/** A small git repository for the real workers, and what they have left in it. */
import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { promisify } from "node:util";

/** The user's own hooks, signing and name stay out of it. */
const PLAIN = [
  ...["core.hooksPath=/dev/null", "commit.gpgsign=false", "init.defaultBranch=main"],
  ...["user.name=A Person", "user.email=person@example.com"],
].flatMap((setting) => ["-c", setting]);

export interface TestRepository {
  path: string;
  /** The commit of `main` in the beginning, which must not move. */
  base: string;
  git(...args: string[]): Promise<string>;
}

export async function makeRepository(path: string): Promise<TestRepository> {
  mkdirSync(path);
  const git = async (...args: string[]) =>
    (await promisify(execFile)("git", ["-C", path, ...PLAIN, ...args], { encoding: "utf8" })).stdout.trim();
  await git("init", "--quiet", "--template=", "--initial-branch=main");
  await git("commit", "--quiet", "--allow-empty", "--message", "Begin");
  return { path, base: await git("rev-parse", "main"), git };
}
