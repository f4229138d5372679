/** One running program: its word that it is ready, its end, and how it is ended. Whether it lives again is `supervisor.ts`. */
import { spawn } from "node:child_process";
import { closeSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { openLog } from "./log-file.ts";
import type { Program } from "./program.ts";

const ready = z.object({
  type: z.literal("ready"),
  url: z.string().optional(),
  admin_token: z.string().optional(),
  admin_token_file: z.string().optional(),
});

export type Ready = z.infer<typeof ready>;

/** `last_words`: what it wrote to its log before it ended. */
export type End = { code: number | null; signal: NodeJS.Signals | null; last_words: string[] };

export type Child = {
  pid: number | undefined;
  /** Stays open when it ends without ever being ready. */
  ready: Promise<Ready>;
  ended: Promise<End>;
  /** Asks it to end; kills it, and all it started, when it has not done so in time. */
  stop: (grace_ms: number) => Promise<void>;
  kill: () => void;
};

/**
 * In a process group of its own, so that the terminal's Ctrl-C reaches the supervisor alone. The IPC channel closes
 * with the supervisor, however that ends, and a program ends when its channel closes.
 */
export function startChild(program: Program, log_path: string): Child {
  const log = openLog(log_path);
  const process_ = spawn(process.execPath, [program.path], {
    detached: true,
    env: program.environment,
    stdio: ["ignore", log.handle, log.handle, "ipc"],
  });
  closeSync(log.handle);
  const { pid } = process_;
  const ended = new Promise<End>((resolve) => {
    process_.once("exit", (code, signal) => resolve({ code, signal, last_words: log.said() }));
    process_.once("error", (error) => resolve({ code: null, signal: null, last_words: [error.message] }));
  });
  const said_ready = new Promise<Ready>((resolve) => {
    process_.on("message", (message) => {
      const parsed = ready.safeParse(message);
      if (parsed.success) resolve(parsed.data);
    });
  });
  const kill = () => killGroup(pid);
  const stop = async (grace_ms: number) => {
    process_.kill("SIGTERM");
    await Promise.race([ended, delay(grace_ms, undefined, { ref: false })]);
    kill();
    await ended;
  };
  return { pid, ready: said_ready, ended, stop, kill };
}

/** Also after the program's own end: what it started may have stayed behind in its group. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // Nobody is left in the group.
  }
}
