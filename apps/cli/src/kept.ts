/** One program kept alive: started again when it dies, ever more slowly, until it is stopped or there is no use. */
import { setTimeout as delay } from "node:timers/promises";
import { type Child, type End, type Ready, startChild } from "./child.ts";
import { EXIT_BAD_SETTINGS } from "./env.ts";
import type { Program } from "./program.ts";

/** Why nothing can go on. */
export type Failure = { message: string; last_words: string[]; exit_code: number };

/** Who is told what; `again_in_ms` is when the program is started again. */
export type Told = {
  ready: (program: Program, ready: Ready) => void;
  died: (program: Program, end: End, again_in_ms: number) => void;
  failed: (failure: Failure) => void;
};

export type Kept = {
  /** Stays open when it never gets ready. */
  first_ready: Promise<Ready>;
  stop: (grace_ms: number) => Promise<void>;
  kill: () => void;
};

const TRIES_TO_GET_READY = 5;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** Who lived this long died of something new. */
const LONG_LIFE_MS = 10_000;

export function keepAlive(program: Program, log_path: string, told: Told): Kept {
  const first_ready = Promise.withResolvers<Ready>();
  const stopped = new AbortController();
  let child: Child | undefined;
  let was_ready = false;

  const hear = (ready: Ready): void => {
    was_ready = true;
    first_ready.resolve(ready);
    told.ready(program, ready);
  };

  const live = async (): Promise<void> => {
    let lives = 0;
    let quick_deaths = 0;
    while (!stopped.signal.aborted) {
      const born = Date.now();
      child = startChild(program, log_path);
      void child.ready.then(hear);
      const end = await child.ended;
      if (program.leftovers === "killed") child.kill();
      if (stopped.signal.aborted) return;
      lives += 1;
      const hopeless = whyHopeless(program, end, !was_ready && lives >= TRIES_TO_GET_READY);
      if (hopeless !== null) return told.failed(hopeless);
      quick_deaths = Date.now() - born > LONG_LIFE_MS ? 0 : quick_deaths + 1;
      const pause_ms = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, quick_deaths - 1), LONGEST_PAUSE_MS);
      told.died(program, end, pause_ms);
      await delay(pause_ms, undefined, { signal: stopped.signal }).catch(() => undefined);
    }
  };

  live().catch((error: unknown) => told.failed(failureOf(`${program.name} cannot be started`, error)));
  return {
    first_ready: first_ready.promise,
    stop: async (grace_ms) => {
      stopped.abort();
      await child?.stop(grace_ms);
    },
    kill: () => {
      stopped.abort();
      child?.kill();
    },
  };
}

function whyHopeless(program: Program, end: End, never_ready: boolean): Failure | null {
  const { last_words } = end;
  if (end.code === EXIT_BAD_SETTINGS) {
    return { message: `${program.name} refuses its settings`, last_words, exit_code: EXIT_BAD_SETTINGS };
  }
  if (!never_ready) return null;
  return { message: `${program.name} died ${TRIES_TO_GET_READY} times before it was ready`, last_words, exit_code: 1 };
}

function failureOf(message: string, error: unknown): Failure {
  return { message, last_words: [error instanceof Error ? error.message : String(error)], exit_code: 1 };
}
