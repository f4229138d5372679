/** Runs one shell command in a process group of its own and sees to it that nothing of the group is left, however it ends. Judges no exit code. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { LogLine } from "./assignment.ts";
import { openOutput } from "./output.ts";
import { endGroup, isGroupAlive } from "./processes.ts";

export interface Command {
  run: string;
  cwd: string;
  env: Record<string, string>;
  /** Written to its stdin, which is then closed. */
  input: string;
  timeout_s: number;
  signal: AbortSignal;
  log: (line: LogLine) => void;
  /** Told the lines of its standard output uncut, up to 4 MB each. */
  onWholeLine?: (line: string) => void;
  /** Told the number of the process group as soon as there is one. */
  onGroup?: (group: number) => Promise<void>;
}

export interface CommandEnd {
  how: "exited" | "killed" | "timed_out" | "stopped" | "not_started";
  /** Null unless it exited by itself. */
  exit_code: number | null;
  duration_ms: number;
  /** The end of what it printed; for `not_started` the reason. */
  tail: string;
}

const DRAIN_MS = 1_000;

type Child = ChildProcessByStdio<Writable, Readable, Readable>;
type Exit = Pick<CommandEnd, "how" | "exit_code">;

export async function runCommand(command: Command): Promise<CommandEnd> {
  const begun = performance.now();
  const lasted = () => Math.round(performance.now() - begun);
  if (command.signal.aborted) return { how: "stopped", exit_code: null, duration_ms: 0, tail: "" };
  const child = spawn("/bin/sh", ["-c", command.run], {
    cwd: command.cwd,
    env: command.env,
    detached: true,
    stdio: "pipe",
  });
  if (child.pid === undefined) {
    const [error] = await once(child, "error");
    return { how: "not_started", exit_code: null, duration_ms: lasted(), tail: String(error) };
  }
  try {
    const { end, tail } = await follow(child, child.pid, command);
    return { ...end, duration_ms: lasted(), tail };
  } catch (error) {
    await endGroup(child.pid);
    throw error;
  }
}

async function follow(child: Child, group: number, command: Command): Promise<{ end: Exit; tail: string }> {
  const output = openOutput(command.log, command.onWholeLine);
  child.stdout.on("data", (chunk: Buffer) => output.write("stdout", chunk));
  child.stderr.on("data", (chunk: Buffer) => output.write("stderr", chunk));
  const exit = exitOf(child);
  await command.onGroup?.(group);
  feed(child, command.input);
  const end = await firstOf(exit, command);
  await endWholeGroup(group, end, command);
  await drain(child);
  output.end();
  return { end, tail: output.tail() };
}

function exitOf(child: Child): Promise<Exit> {
  return new Promise((resolve) => {
    child.once("exit", (code) =>
      resolve(code === null ? { how: "killed", exit_code: null } : { how: "exited", exit_code: code }),
    );
  });
}

/** A program need not read its stdin. */
function feed(child: Child, input: string): void {
  child.stdin.on("error", () => {});
  child.stdin.end(input);
}

/** Its own exit, the time-out or the signal. The timer goes when the program has gone, which the caller sees to. */
function firstOf(exit: Promise<Exit>, { timeout_s, signal }: Command): Promise<Exit> {
  return new Promise((resolve) => {
    const stop = () => resolve({ how: "stopped", exit_code: null });
    const late = setTimeout(() => resolve({ how: "timed_out", exit_code: null }), timeout_s * 1_000);
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
    void exit.then((end) => {
      clearTimeout(late);
      signal.removeEventListener("abort", stop);
      resolve(end);
    });
  });
}

async function endWholeGroup(group: number, end: Exit, { log }: Command): Promise<void> {
  if ((end.how === "exited" || end.how === "killed") && (await isGroupAlive(group))) {
    log({ stream: "baton", text: "the program has left processes running; they are ended" });
  }
  if (!(await endGroup(group))) log({ stream: "baton", text: `process group ${group} could not be ended` });
}

/** A process that left the group may hold the pipes open for ever: it gets a moment, not more. */
async function drain({ stdin, stdout, stderr }: Child): Promise<void> {
  const late = setTimeout(() => {
    stdout.destroy();
    stderr.destroy();
  }, DRAIN_MS);
  await Promise.all([closed(stdout), closed(stderr)]);
  clearTimeout(late);
  stdin.destroy();
}

async function closed(stream: Readable): Promise<void> {
  if (!stream.closed) await once(stream, "close");
}
