/** Lending the user's installed packages to a worktree, and what the worktree cannot do to them. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { gitIn, makeAssignment, makeRepository, makeSurroundings, openFolder, run, write } from "./testing.ts";
import { workAttempt } from "./work-attempt.ts";

/** A workspace with one package of its own and one installed from elsewhere. */
function checkout() {
  const folder = openFolder();
  const repository = makeRepository(folder, {
    "package.json": '{"name":"root","type":"module"}',
    ".gitignore": "node_modules/\n",
    "packages/own/package.json": '{"name":"own","type":"module","exports":"./index.js"}',
    "packages/own/index.js": "export default 'old';",
  });
  const installed = join(repository, "node_modules");
  write(installed, {
    "left/package.json": '{"name":"left","type":"module","exports":"./index.js"}',
    "left/index.js": "export default 'left';",
    "@scope/right/package.json": '{"name":"@scope/right","type":"module","exports":"./index.js"}',
    "@scope/right/index.js": "export default 'right';",
    ".package-lock.json": "{}",
  });
  symlinkSync("../packages/own", join(installed, "own"));
  mkdirSync(join(installed, ".bin"));
  symlinkSync("../left/index.js", join(installed, ".bin/left"));
  return { folder, repository, installed };
}

async function dev(command: string) {
  const { folder, repository, installed } = checkout();
  const surroundings = makeSurroundings(folder);
  const result = await workAttempt(makeAssignment({ repository, settings: run("dev", command) }), surroundings);
  if (result.outcome !== "done") throw new Error(JSON.stringify(result));
  return { result, repository, installed, surroundings };
}

test("programs find the packages of the user's checkout, and the workspace's own ones as the worktree has them", async () => {
  const script = "import l from 'left'; import r from '@scope/right'; import o from 'own'; console.log(l, r, o)";
  const { result, surroundings } = await dev(
    `echo "export default 'new';" > packages/own/index.js; echo "${script}" > t.js; node t.js; test -e node_modules/.bin/left && echo bin`,
  );
  expect(result.packet.output_summary).toBe("left right new\nbin");
  expect(surroundings.lines.some(({ stream, text }) => stream === "baton" && text.includes("node_modules"))).toBe(true);
});

test("lent packages are not committed, with or without a .gitignore", async () => {
  const { result, repository } = await dev("rm .gitignore; echo x > y");
  expect(gitIn(repository, "ls-tree", "--name-only", result.commit).split("\n")).toEqual([
    "package.json",
    "packages",
    "y",
  ]);
});

test("packages that an agent installs in a project without a .gitignore are not committed", async () => {
  const folder = openFolder();
  const repository = makeRepository(folder, { "package.json": "{}" });
  const settings = run("dev", "mkdir -p node_modules/a; echo x > node_modules/a/index.js; echo x > y");
  const result = await workAttempt(makeAssignment({ repository, settings }), makeSurroundings(folder));
  expect(result.outcome === "done" && gitIn(repository, "ls-tree", "--name-only", result.commit)).toBe(
    "package.json\ny",
  );
});

test("packages that the project tracks are its own files", async () => {
  const folder = openFolder();
  const repository = makeRepository(folder, { "node_modules/a/index.js": "old\n" });
  const settings = run("dev", "echo new > node_modules/a/index.js");
  const result = await workAttempt(makeAssignment({ repository, settings }), makeSurroundings(folder));
  expect(result.outcome === "done" && gitIn(repository, "show", `${result.commit}:node_modules/a/index.js`)).toBe(
    "new",
  );
});

test("an agent that empties node_modules does not empty the user's", async () => {
  const { installed } = await dev(
    "rm -rf node_modules/* node_modules/.package-lock.json; mkdir -p node_modules; echo x > y",
  );
  expect(readFileSync(join(installed, "left/index.js"), "utf8")).toContain("left");
  expect(existsSync(join(installed, ".package-lock.json"))).toBe(true);
});

test("npm ci in the worktree leaves the user's packages alone", async () => {
  const { folder, repository, installed } = checkout();
  execFileSync("npm", ["install", "--package-lock-only", "--offline"], { cwd: repository, stdio: "ignore" });
  gitIn(repository, "add", "package-lock.json");
  gitIn(repository, "commit", "--quiet", "--message", "Lock");
  const settings = run("dev", "npm ci --offline --no-audit --no-fund && echo x > y");
  const result = await workAttempt(makeAssignment({ repository, settings }), makeSurroundings(folder));
  expect(result).toMatchObject({ outcome: "done" });
  expect(readFileSync(join(installed, "left/index.js"), "utf8")).toContain("left");
});
