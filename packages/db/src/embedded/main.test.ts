/** The program around the embedded server: its word to the parent, and that neither outlives the other for long. */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, onTestFinished, test } from "vitest";
import { withClient } from "./connect.ts";
import { isGoneWithin } from "./process.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const ENOUGH_MS = 15_000;

type Running = { program: ChildProcess; url: string; server_pid: number };

/** One folder for all: each test leaves it without a server, and making a database takes seconds. */
const folder = await mkdtemp(join(tmpdir(), "baton-program-"));
await chmod(folder, 0o755);
afterAll(() => rm(folder, { recursive: true }));

/** Started in the folder, where the data goes to `.baton`. */
async function run(): Promise<Running> {
  const program = fork(MAIN, { cwd: folder, execArgv: [], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  onTestFinished(() => void program.kill("SIGTERM"));
  const [message]: unknown[] = await once(program, "message");
  expect(message).toMatchObject({ type: "ready", url: expect.stringMatching(/^postgres:/) });
  return { program, url: (message as { url: string }).url, server_pid: await serverPid() };
}

async function serverPid(): Promise<number> {
  const pid_file = await readFile(join(folder, ".baton", "postgres", "data", "postmaster.pid"), "utf8");
  return Number(pid_file.split("\n")[0]);
}

test.for(["SIGTERM", "SIGINT"] as const)(
  "%s ends the server and then the program, with exit code 0",
  async (signal) => {
    const { program, server_pid } = await run();
    const ended = once(program, "exit");
    program.kill(signal);
    expect(await ended).toEqual([0, null]);
    expect(await isGoneWithin(server_pid, 0)).toBe(true);
  },
);

test("when the parent is gone, the server and the program end", async () => {
  const { program, server_pid } = await run();
  const ended = once(program, "exit");
  program.disconnect();
  expect(await ended).toEqual([0, null]);
  expect(await isGoneWithin(server_pid, 0)).toBe(true);
});

test("when the server dies, the program ends with a failure", async () => {
  const { program, server_pid } = await run();
  const ended = once(program, "exit");
  process.kill(server_pid, "SIGKILL");
  expect(await ended).toEqual([1, null]);
});

test("a program killed with -9 leaves its server to the next start, which takes it over", async () => {
  const first = await run();
  first.program.kill("SIGKILL");
  await once(first.program, "exit");
  const second = await run();
  expect(second).toMatchObject({ url: first.url, server_pid: first.server_pid });
  second.program.kill("SIGTERM");
  expect(await isGoneWithin(first.server_pid, ENOUGH_MS)).toBe(true);
});

test("what was committed is there again after the server was killed with -9", async () => {
  const first = await run();
  await withClient(first.url, (client) => client.query("create table kept ()"));
  process.kill(first.server_pid, "SIGKILL");
  await once(first.program, "exit");
  const second = await run();
  const found = await withClient(second.url, (client) => client.query("select from kept"));
  expect(found.rowCount).toBe(0);
  const ended = once(second.program, "exit");
  second.program.kill("SIGTERM");
  await ended;
});

test("without a parent the program prints its word as one JSON line", async () => {
  const program = spawn(process.execPath, [MAIN], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const [line] = await once(program.stdout, "data");
  expect(JSON.parse(String(line))).toMatchObject({ type: "ready", url: expect.stringContaining("127.0.0.1") });
  const ended = once(program, "exit");
  program.kill("SIGTERM");
  await ended;
});
