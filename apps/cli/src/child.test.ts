/** One running program: how it is heard and how it is ended. */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startChild } from "./child.ts";
import { keepSmall } from "./log-file.ts";
import { isAlive, pidIn, testFolder, testProgram } from "./testing/processes.ts";

test("a program that does not hear SIGTERM is killed in time, with all it has started", async () => {
  const child = startChild(testProgram("stubborn"), join(testFolder(), "stubborn.log"));
  const other = pidIn((await child.ready).url);
  expect(isAlive(other)).toBe(true);
  await child.stop(200);
  await expect.poll(() => isAlive(other)).toBe(false);
  expect((await child.ended).signal).toBe("SIGKILL");
});

test("a program that hears SIGTERM ends by itself", async () => {
  const child = startChild(testProgram("lingering"), join(testFolder(), "lingering.log"));
  await child.ready;
  await child.stop(20_000);
  expect(await child.ended).toMatchObject({ code: 0, signal: null });
});

test("the last words are those of this life, and readable", async () => {
  const log = join(testFolder(), "hopeless.log");
  writeFileSync(log, "from an earlier life\n");
  const child = startChild(testProgram("hopeless"), log);
  expect(await child.ended).toEqual({ code: 1, signal: null, last_words: ["cannot start: no disk"] });
});

test("a crash is told by its message, without the stack", async () => {
  const child = startChild(testProgram("not-there"), join(testFolder(), "not-there.log"));
  const { last_words } = await child.ended;
  expect(last_words.join("\n")).toMatch(/Error: Cannot find module .*not-there\.ts/);
  expect(last_words.join("\n")).not.toContain("    at ");
});

test("a log that has grown too large is kept once and begun anew under the pen of its writer", () => {
  const log = join(testFolder(), "some.log");
  writeFileSync(log, "old line\n");
  keepSmall(log, 100);
  expect(readFileSync(log, "utf8")).toBe("old line\n");
  keepSmall(log, 5);
  appendFileSync(log, "new line\n");
  expect(readFileSync(log, "utf8")).toBe("new line\n");
  expect(readFileSync(`${log}.1`, "utf8")).toBe("old line\n");
});
