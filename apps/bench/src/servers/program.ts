/** Runs a program of ours as a process of its own: until it says that it is ready, or to its end. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { inherited } from "../env.ts";

/** Its complaints go to our stderr, and it ends when we do. */
function start(path: string, environment: Record<string, string>): ChildProcess {
  return fork(path, {
    execArgv: [],
    env: { ...inherited, ...environment },
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
}

export interface RunningProgram {
  pid: number;
  /** Its first message. */
  message: unknown;
  stop(): Promise<void>;
}

export async function startProgram(path: string, environment: Record<string, string>): Promise<RunningProgram> {
  const child = start(path, environment);
  const died = once(child, "exit").then(() => Promise.reject(new Error(`${path} ended before it was ready`)));
  const [message]: unknown[] = await Promise.race([once(child, "message"), died]);
  died.catch(() => {});
  return {
    pid: child.pid ?? 0,
    message,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    },
  };
}

export async function runProgram(path: string, environment: Record<string, string>): Promise<void> {
  const [code]: unknown[] = await once(start(path, environment), "exit");
  if (code !== 0) throw new Error(`${path} ended with ${String(code)}`);
}
