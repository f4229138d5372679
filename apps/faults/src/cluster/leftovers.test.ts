/** What a program of the harness leaves behind, however it ends: nothing. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { clearedAfter, clearLeftovers, household, leftBehind } from "./leftovers.ts";

const LEFTOVERS = fileURLToPath(new URL("./leftovers.ts", import.meta.url));

test("the newest goes first, once, and each goes whatever becomes of the others", async () => {
  const gone: string[] = [];
  const leftovers = leftBehind();
  leftovers.add(() => gone.push("folder"));
  leftovers.add(() => Promise.reject(new Error("it sticks")));
  leftovers.add(async () => gone.push("process"));
  await expect(leftovers.clear()).rejects.toThrow("it sticks");
  await expect(leftovers.clear()).rejects.toThrow("it sticks");
  expect(gone).toEqual(["process", "folder"]);
});

test("what comes too late goes at once, and its maker is told", async () => {
  const leftovers = leftBehind();
  await leftovers.clear();
  let gone = 0;
  expect(() => leftovers.add(() => (gone += 1))).toThrow("nothing is started any more");
  await expect.poll(() => gone).toBe(1);
});

test("everything of every maker goes, and what does not go in time is told", async () => {
  let gone = 0;
  leftBehind().add(() => (gone += 1));
  leftBehind().add(() => (gone += 1));
  expect(await clearLeftovers()).toEqual([]);
  expect(gone).toBe(2);
  const stuck = Promise.withResolvers<void>();
  leftBehind().add(() => stuck.promise);
  expect(await clearLeftovers(10)).toEqual(["not everything went away in time"]);
  stuck.resolve();
  expect(await clearLeftovers()).toEqual([]);
});

test("a household's things go without those of others, also what is begun late", async () => {
  const gone: string[] = [];
  const [ours, theirs] = [household(), household()];
  const begin = async (name: string): Promise<void> => {
    leftBehind().add(() => gone.push(name));
    await setImmediate();
    leftBehind().add(() => gone.push(`${name}, later`));
  };
  await Promise.all([ours.run(() => begin("ours")), theirs.run(() => begin("theirs"))]);
  expect(await ours.clear()).toEqual([]);
  expect(gone).toEqual(["ours", "ours, later"]);
  expect(() => ours.run(() => leftBehind().add(() => gone.push("too late")))).toThrow("nothing is started any more");
  await expect.poll(() => gone).toEqual(["ours", "ours, later", "too late"]);
  expect(await theirs.clear()).toEqual([]);
  expect(gone).toHaveLength(5);
});

test("work that fails leaves nothing, and its error is told before that of the clearing", async () => {
  let gone = 0;
  const failing = clearedAfter(async (leftovers) => {
    leftovers.add(() => Promise.reject(new Error("it sticks")));
    leftovers.add(() => (gone += 1));
    throw new Error("the fault");
  });
  await expect(failing).rejects.toThrow(/the fault[^]*it sticks/);
  expect(gone).toBe(1);
  expect(await clearedAfter(async () => 7)).toBe(7);
});

/** A program with a folder that goes slowly; it says that it is there, and then does this. */
async function program(then: string): Promise<{ child: ChildProcess; folder: string; said: () => string }> {
  const root = await mkdtemp(join(tmpdir(), "baton-ends-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const [folder, path] = [join(root, "left"), join(root, "program.mjs")];
  await writeFile(
    path,
    `import { mkdirSync, rmSync } from "node:fs";
    import { endingClean, leftBehind } from ${JSON.stringify(LEFTOVERS)};
    const folder = ${JSON.stringify(folder)};
    await endingClean(async () => {
      leftBehind().add(() => new Promise((gone) => setTimeout(() => { rmSync(folder, { recursive: true }); gone(); }, 300)));
      mkdirSync(folder);
      console.log("there");
      ${then}
    }, { tell: console.log });`,
  );
  const child = spawn(process.execPath, [path], { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  child.stdout?.on("data", (piece: Buffer) => {
    said += piece.toString();
  });
  return { child, folder, said: () => said };
}

const ENDLESS = "await new Promise((done) => setTimeout(done, 600_000));";

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
  ["SIGHUP", 129],
] as const)("%s ends it with %i and nothing is left, also when it comes twice", async (signal, code) => {
  const { child, folder, said } = await program(ENDLESS);
  await expect.poll(said).toContain("there");
  child.kill(signal);
  await expect.poll(said).toContain("clearing up");
  child.kill(signal);
  expect(await once(child, "exit")).toEqual([code, null]);
  expect(existsSync(folder)).toBe(false);
});

test.each([
  ["an error that nobody caught", `setTimeout(() => { throw new Error("a bug") }); ${ENDLESS}`],
  ["a promise that nobody caught", `void Promise.reject(new Error("a bug")); ${ENDLESS}`],
  ["an error of its own", `throw new Error("a bug");`],
])("%s ends it with 1, is told, and nothing is left", async (_, then) => {
  const { child, folder, said } = await program(then);
  expect(await once(child, "exit")).toEqual([1, null]);
  expect(said()).toContain("a bug");
  expect(existsSync(folder)).toBe(false);
});

test("the program's own code is what it ends with", async () => {
  const { child } = await program("return 5;");
  expect(await once(child, "exit")).toEqual([5, null]);
});
