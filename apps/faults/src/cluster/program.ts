/** One process of ours: started with a log file, heard for its word that it is ready, and its end. Whether it lives again is `supervisor.ts`. */
import { type ChildProcess, fork } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { z } from "zod";
import { inherited } from "./env.ts";
import type { Leftovers } from "./leftovers.ts";

export interface Program {
  path: string;
  args?: readonly string[];
  environment: Readonly<Record<string, string>>;
  /** What it says is added to this file. */
  log: string;
}

const Ready = z.looseObject({ type: z.literal("ready"), url: z.string().optional() });
export type Ready = z.infer<typeof Ready>;

export interface Process {
  child: ChildProcess;
  /** Pending for ever when it ends before. */
  ready: Promise<Ready>;
  /** Why it ended: its code or the signal. */
  ended: Promise<string>;
}

export function startProcess({ path, args = [], environment, log }: Program): Process {
  const file = openSync(log, "a");
  const child = fork(path, [...args], {
    execArgv: [],
    env: { ...inherited, ...environment },
    stdio: ["ignore", file, file, "ipc"],
  });
  closeSync(file);
  const ready = new Promise<Ready>((resolve) => {
    child.on("message", (message) => {
      const word = Ready.safeParse(message);
      if (word.success) resolve(word.data);
    });
  });
  const ended = new Promise<string>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? `exit code ${code}`));
    child.once("error", (error) => resolve(error.message));
  });
  return { child, ready, ended };
}

/** Its word that it is ready. */
export async function readyWord(started: Process, program: Program): Promise<Ready> {
  const died = started.ended.then((why) => {
    throw new Error(`${program.path} ended before it was ready (${why}): ${lastWords(program.log)}`);
  });
  died.catch(() => {});
  return Promise.race([started.ready, died]);
}

/** To its end, which must be a good one. */
export async function runProgram(program: Program, leftovers: Leftovers): Promise<void> {
  const { child, ended } = startProcess(program);
  leftovers.add(() => child.kill("SIGKILL"));
  const why = await ended;
  if (why !== "exit code 0") throw new Error(`${program.path} ended with ${why}: ${lastWords(program.log)}`);
}

export function lastWords(log: string): string {
  return readFileSync(log, "utf8").trim().split("\n").slice(-3).join(" | ").slice(-1_000);
}
