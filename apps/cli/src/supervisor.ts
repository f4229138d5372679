/**
 * All programs of the line together: started in groups, kept alive one by one (`kept.ts`), and ended in the reverse of
 * the order in which they were started.
 */
import { join } from "node:path";
import { type Child, type Ready, startChild } from "./child.ts";
import { EXIT_BAD_SETTINGS } from "./env.ts";
import { type Failure, type Kept, keepAlive, type Told } from "./kept.ts";
import { keepSmall } from "./log-file.ts";
import type { Program } from "./program.ts";

export type Supervisor = {
  /** Starts a group and resolves when each of it has been ready once; from then on they are kept alive. */
  keep: (programs: Program[]) => Promise<Ready[]>;
  /** Runs a program to its end, which must be a good one. */
  run: (program: Program) => Promise<void>;
  /** Resolves when nothing can go on; stays open otherwise. */
  failed: Promise<Failure>;
  stop: () => Promise<void>;
  /** Ends everything at once, with no regard. */
  kill: () => void;
};

const GRACE_MS = 12_000;
const LOG_CHECK_MS = 60_000;

export function createSupervisor(log_folder: string, told: Omit<Told, "failed">): Supervisor {
  const failure = Promise.withResolvers<Failure>();
  const groups: Kept[][] = [];
  const logs = new Set<string>();
  let running: Child | undefined;
  let ending = false;

  const logOf = (program: Program): string => {
    const path = join(log_folder, `${program.name}.log`);
    logs.add(path);
    return path;
  };
  setInterval(() => logs.forEach((path) => keepSmall(path)), LOG_CHECK_MS).unref();

  return {
    failed: failure.promise,
    keep: async (programs) => {
      if (ending) return NEVER;
      const group = programs.map((program) => keepAlive(program, logOf(program), { ...told, failed: failure.resolve }));
      groups.push(group);
      return Promise.all(group.map((kept) => kept.first_ready));
    },
    run: async (program) => {
      if (ending) return NEVER;
      running = startChild(program, logOf(program));
      const { code, last_words } = await running.ended;
      if (code === 0) return;
      failure.resolve({ message: `${program.name} failed`, last_words, exit_code: EXIT_BAD_SETTINGS });
      return NEVER;
    },
    stop: async () => {
      ending = true;
      await running?.stop(GRACE_MS);
      for (const group of groups.toReversed()) await Promise.all(group.map((kept) => kept.stop(GRACE_MS)));
    },
    kill: () => {
      ending = true;
      running?.kill();
      for (const kept of groups.flat()) kept.kill();
    },
  };
}

/** After a failure or a stop there is no next step: who waits for it is left waiting, and the end is told elsewhere. */
const NEVER = new Promise<never>(() => undefined);
