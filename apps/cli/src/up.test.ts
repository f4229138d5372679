/** `baton up` as a process: what it prints, with what it exits, and that it never leaves a program behind. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { isAlive, numbersInLogs, testFolder } from "./testing/processes.ts";

const UP = fileURLToPath(new URL("./testing/up-main.ts", import.meta.url));
const BATON = fileURLToPath(new URL("./main.ts", import.meta.url));
const WELL = ["./obedient.ts", "./finishing.ts", "./obedient.ts", "./lingering.ts"];

type Running = { process: ChildProcess; said: () => string; ended: Promise<unknown[]>; pids: () => number[] };

function start(data_dir: string, programs: string[], environment: Record<string, string> = {}): Running {
  return run(process.execPath, [UP, ...programs], data_dir, environment);
}

function run(command: string, args: string[], data_dir: string, environment: Record<string, string>): Running {
  const env = { PORT: "0", BATON_DATA_DIR: data_dir, ...environment };
  const child = spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += String(chunk)));
  onTestFinished(() => void child.kill("SIGKILL"));
  const logs = join(data_dir, "logs");
  const pids = () => (existsSync(logs) ? [...numbersInLogs(logs, "pid").values()].flat() : []);
  return { process: child, said: () => text, ended: once(child, "close"), pids };
}

async function startWell(data_dir: string): Promise<Running> {
  const running = start(data_dir, WELL);
  await expect.poll(running.said).toContain("Ctrl-C stops everything.");
  expect(running.pids().filter(isAlive)).toHaveLength(3);
  return running;
}

test("it comes up in order, tells where it is, and leaves nothing behind when told to end", async () => {
  const running = await startWell(testFolder());
  const steps = ["starting Postgres", "migrating the database", "starting obedient, lingering", "/api/docs"];
  const places = steps.map((step) => running.said().indexOf(step));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(places).not.toContain(-1);
  running.process.kill("SIGTERM");
  expect(await running.ended).toEqual([0, null]);
  expect(running.pids().filter(isAlive)).toEqual([]);
});

test("a stop that is asked for twice at once, as under npm, still ends everything in good order", async () => {
  const running = await startWell(testFolder());
  // Two signals of one kind may arrive as one.
  running.process.kill("SIGINT");
  running.process.kill("SIGTERM");
  expect(await running.ended).toEqual([0, null]);
  expect(running.pids().filter(isAlive)).toEqual([]);
});

test("a second Ctrl-C ends everything at once", async () => {
  const running = start(testFolder(), ["./obedient.ts", "./finishing.ts", "./stubborn.ts"]);
  await expect.poll(running.said).toContain("Ctrl-C stops everything.");
  running.process.kill("SIGINT");
  const again = setInterval(() => running.process.kill("SIGINT"), 200);
  expect(await running.ended).toEqual([130, null]);
  clearInterval(again);
  await expect.poll(() => running.pids().filter(isAlive)).toEqual([]);
});

test("killed with -9 it leaves nothing behind", async () => {
  const running = await startWell(testFolder());
  running.process.kill("SIGKILL");
  await expect.poll(() => running.pids().filter(isAlive)).toEqual([]);
});

test("when the npm that started it is killed with -9 it ends, though a shell stands between them", async () => {
  const command = [process.execPath, UP, ...WELL].join(" ");
  const environment = { npm_lifecycle_event: "start" };
  // The last word of each keeps the shell from giving its place to the command.
  const npm = run("/bin/sh", ["-c", `/bin/sh -c '${command}; true'; true`], testFolder(), environment);
  await expect.poll(npm.said).toContain("Ctrl-C stops everything.");
  npm.process.kill("SIGKILL");
  await expect.poll(() => npm.pids().filter(isAlive)).toEqual([]);
});

test("told to end while it is still starting, it ends", async () => {
  const running = start(testFolder(), ["./obedient.ts", "./obedient.ts", "./obedient.ts"]);
  await expect.poll(() => running.pids().length).toBe(2);
  running.process.kill("SIGTERM");
  expect(await running.ended).toEqual([0, null]);
  expect(running.pids().filter(isAlive)).toEqual([]);
});

test("a program that refuses its settings ends everything with 78 and its own words", async () => {
  const running = start(testFolder(), [...WELL, "./refusing.ts"]);
  expect(await running.ended).toEqual([78, null]);
  expect(running.said()).toContain("refusing refuses its settings\n  REDIS_URL must be a redis:// URL");
  expect(running.pids().filter(isAlive)).toEqual([]);
});

test("a migration that fails ends everything with 78 before the line starts", async () => {
  const running = start(testFolder(), ["./obedient.ts", "./hopeless.ts", "./obedient.ts"]);
  expect(await running.ended).toEqual([78, null]);
  expect(running.said()).toContain("migrate failed\n  cannot start: no disk");
  expect(running.said()).not.toContain("starting obedient");
  expect(running.pids().filter(isAlive)).toEqual([]);
});

test("a second one on the same data folder is refused, one after a kill -9 is not", async () => {
  const data_dir = testFolder();
  const first = await startWell(data_dir);
  const second = start(data_dir, WELL);
  expect(await second.ended).toEqual([1, null]);
  expect(second.said()).toBe(`Baton is already running on ${data_dir} (pid ${first.process.pid}).\n`);
  first.process.kill("SIGKILL");
  await expect.poll(() => first.pids().filter(isAlive)).toEqual([]);
  const third = start(data_dir, WELL);
  await expect.poll(third.said).toContain("Ctrl-C stops everything.");
  third.process.kill("SIGTERM");
  expect(await third.ended).toEqual([0, null]);
});

test("a port in use is said in one line before anything is started", async () => {
  const data_dir = testFolder();
  const holder = createServer().listen(0, "127.0.0.1");
  await once(holder, "listening");
  onTestFinished(() => void holder.close());
  const address = holder.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const running = start(data_dir, WELL, { PORT: String(port) });
  expect(await running.ended).toEqual([1, null]);
  expect(running.said()).toMatch(/^Port \d+ on 127.0.0.1 is in use.*\n$/);
  expect(running.pids()).toEqual([]);
});

test("a port that is none is the command line's fault, with exit code 64", async () => {
  const running = run(process.execPath, [BATON, "up", "--port", "abc"], testFolder(), {});
  expect(await running.ended).toEqual([64, null]);
  expect(running.said()).toMatch(/--port <number>.*whole number from 0 to 65535/);
});

test("bad settings are all named at once, with exit code 78", async () => {
  const environment = { PORT: "many", REDIS_URL: "http://here", DATABASE_URL: "" };
  const running = run(process.execPath, [BATON, "up", "--no-sample"], testFolder(), environment);
  expect(await running.ended).toEqual([78, null]);
  expect(running.said()).toMatch(/Bad settings:\n {2}PORT: .*\n {2}REDIS_URL: must be a redis:\/\/ URL\n$/);
});
