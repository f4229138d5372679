/** Real programs in real process groups: how they end, and that nothing of them is left. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { LogLine } from "./assignment.ts";
import { type Command, runCommand } from "./command.ts";
import { isGroupAlive, processes } from "./processes.ts";
import { openFolder } from "./testing.ts";

function command(run: string, more: Partial<Command> = {}): Command & { lines: LogLine[]; stop: () => void } {
  const controller = new AbortController();
  const lines: LogLine[] = [];
  return {
    ...{ run, cwd: "/", env: { PATH: "/usr/bin:/bin" }, input: "", timeout_s: 60, signal: controller.signal },
    ...{ log: (line: LogLine) => lines.push(line), lines, stop: () => controller.abort() },
    ...more,
  };
}

/** Starts a command, and stops it once it has printed `ready`. */
async function runUntilReady(run: string) {
  let group = 0;
  const started = command(run, {
    onGroup: async (number) => {
      group = number;
    },
  });
  const end = runCommand(started);
  await expect.poll(() => started.lines.some((line) => line.text === "ready"), { timeout: 10_000 }).toBe(true);
  started.stop();
  return { end: await end, group };
}

test("output is handed on line by line, and the end of it is kept", async () => {
  const ran = command("echo one; echo two >&2; printf 'three\\r\\nfour'; exit 3");
  const end = await runCommand(ran);
  expect(end).toMatchObject({ how: "exited", exit_code: 3 });
  expect(ran.lines.filter((line) => line.stream === "stdout").map((line) => line.text)).toEqual([
    "one",
    "three",
    "four",
  ]);
  expect(ran.lines.filter((line) => line.stream === "stderr").map((line) => line.text)).toEqual(["two"]);
  expect(end.tail.split("\n").toSorted()).toEqual(["four", "one", "three", "two"]);
});

test("a flood of output keeps only its last 64 KB", async () => {
  const end = await runCommand(command("yes 0123456789 | head -c 20000000; echo; echo last"));
  expect(end.tail.length).toBeLessThanOrEqual(64 * 1024);
  expect(end.tail.endsWith("\nlast")).toBe(true);
});

test("a line without an end is handed on in pieces", async () => {
  const ran = command("head -c 5000000 /dev/zero | tr '\\0' x");
  const end = await runCommand(ran);
  expect(ran.lines.reduce((length, line) => length + line.text.length, 0)).toBe(5_000_000);
  expect(Math.max(...ran.lines.map((line) => line.text.length))).toBeLessThanOrEqual(16 * 1024);
  expect(end.tail.length).toBeLessThanOrEqual(64 * 1024);
});

test("the program reads its input from stdin", async () => {
  expect((await runCommand(command("cat", { input: "the prompt" }))).tail).toBe("the prompt");
});

test("a program that never reads a long input does no harm", async () => {
  expect(await runCommand(command("exit 0", { input: "x".repeat(5_000_000) }))).toMatchObject({
    how: "exited",
    exit_code: 0,
  });
});

test("a stopped command is gone with a child that ignores SIGTERM", async () => {
  const { end, group } = await runUntilReady("(trap '' TERM; echo ready; while :; do sleep 1; done) & wait");
  expect(end.how).toBe("stopped");
  expect(await isGroupAlive(group)).toBe(false);
  expect((await processes()).filter((process) => process.group === group && !process.zombie)).toEqual([]);
});

test("a command that minds SIGTERM may end by itself", async () => {
  const file = join(openFolder(), "said");
  const { end } = await runUntilReady(
    `trap 'echo bye > ${file}; exit 0' TERM; echo ready; while :; do sleep 0.1; done`,
  );
  expect(end.how).toBe("stopped");
  expect(readFileSync(file, "utf8")).toBe("bye\n");
});

test("a command that takes too long is ended with its whole group", async () => {
  let group = 0;
  const late = command("sleep 600 & sleep 600", {
    timeout_s: 0.2,
    onGroup: async (number) => {
      group = number;
    },
  });
  expect(await runCommand(late)).toMatchObject({ how: "timed_out", exit_code: null });
  expect(await isGroupAlive(group)).toBe(false);
});

test("children that a program leaves behind are ended, and the program's exit code counts", async () => {
  let group = 0;
  const ran = command("sleep 600 & exit 4", {
    onGroup: async (number) => {
      group = number;
    },
  });
  expect(await runCommand(ran)).toMatchObject({ how: "exited", exit_code: 4 });
  expect(await isGroupAlive(group)).toBe(false);
  expect(ran.lines.map((line) => line.text)).toContain("the program has left processes running; they are ended");
});

test("a process that left the group and holds the output open does not hold us up", async () => {
  const ran = command("setsid sleep 600 & echo $!; exit 0");
  const end = await runCommand(ran);
  process.kill(Number(end.tail));
  expect(end).toMatchObject({ how: "exited", exit_code: 0 });
  expect(end.duration_ms).toBeLessThan(10_000);
});

test("a program ended by a signal is told from one that exits", async () => {
  expect(await runCommand(command("kill -9 $$"))).toMatchObject({ how: "killed", exit_code: null });
});

test("a folder that is not there is a command that did not start", async () => {
  const end = await runCommand(command("true", { cwd: "/nowhere/at/all" }));
  expect(end).toMatchObject({ how: "not_started", exit_code: null });
  expect(end.tail).toContain("ENOENT");
});

test("nothing is started once the signal has fired", async () => {
  const file = join(openFolder(), "ran");
  const late = command(`touch ${file}`);
  late.stop();
  expect((await runCommand(late)).how).toBe("stopped");
  expect(() => readFileSync(file)).toThrow("ENOENT");
});
