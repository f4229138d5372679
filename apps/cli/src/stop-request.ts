/** When a person, or the system, wants the line to end: a signal, or the death of the npm that started it. */
import { readFileSync } from "node:fs";

/** A terminal's Ctrl-C arrives twice under npm: once from the terminal and once passed on by npm. */
const SAME_REQUEST_MS = 500;
const PARENT_CHECK_MS = 1_000;

export type StopRequest = {
  /** Resolves at the first request. */
  made: Promise<void>;
  /** Calls back at a second one, which means: at once. */
  onInsisted: (callback: () => void) => void;
};

export function listenForStop(started_by_npm: boolean): StopRequest {
  const made = Promise.withResolvers<void>();
  let first_at: number | undefined;
  let insist = () => {};
  const request = () => {
    if (first_at === undefined) {
      first_at = Date.now();
      made.resolve();
    } else if (Date.now() - first_at > SAME_REQUEST_MS) {
      insist();
    }
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, request);
  if (started_by_npm) whenOrphaned(made.resolve);
  return {
    made: made.promise,
    onInsisted: (callback) => {
      insist = callback;
    },
  };
}

/** Npm starts us through a shell, which would outlive it: so the shell's parent counts as well as our own. */
function whenOrphaned(callback: () => void): void {
  const before = ancestors();
  setInterval(() => {
    if (ancestors() !== before) callback();
  }, PARENT_CHECK_MS).unref();
}

function ancestors(): string {
  const parent = process.ppid;
  try {
    const stat = readFileSync(`/proc/${parent}/stat`, "utf8");
    // The state and the parent follow the bracket that closes the program's name.
    return `${parent} ${stat.slice(stat.lastIndexOf(")")).split(" ")[2]}`;
  } catch {
    // No /proc here: our own parent must do.
    return String(parent);
  }
}
