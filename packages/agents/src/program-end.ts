/** What the end of a program means for the attempt where no report is needed to tell: stopped, not to be run, too late. */
import { storableTail } from "@baton/domain";
import { blocked, type Ended, failed, stopped } from "./assignment.ts";
import type { CommandEnd } from "./command.ts";

const REASON_MAX = 4_000;
/** What sh answers for a program that may not be executed and for one that is not there. */
const NOT_RUNNABLE: readonly (number | null)[] = [126, 127];

/** A person has to mend it: the program is not there. */
export function unrunnable(what: string, run: string, end: CommandEnd): { ok: false; ended: Ended } | null {
  const cannot = `${what} cannot be run: ${run}`;
  if (end.how === "not_started") return blocked(`${cannot}\n${end.tail}`, "machine");
  if (end.how !== "exited" || !NOT_RUNNABLE.includes(end.exit_code)) return null;
  const why = end.exit_code === 127 ? "a program in it was not found" : "a program in it may not be executed";
  return blocked(
    `${cannot}\n${why} (exit code ${end.exit_code}): install it on the worker's machine or change the project's settings\n${tailOf(end)}`,
    "machine",
  );
}

/** Ends the attempt for the stage's own command: everything but an exit by itself. */
export function unfinished(run: string, timeout_s: number, end: CommandEnd): { ok: false; ended: Ended } | null {
  switch (end.how) {
    case "exited":
    case "not_started":
      return unrunnable("the stage's command", run, end);
    case "stopped":
      return stopped();
    case "timed_out":
      return failed(`the command was ended after its time-out of ${timeout_s} s\n${tailOf(end)}`);
    case "killed":
      return failed(`the command was ended by a signal\n${tailOf(end)}`);
  }
}

export function tailOf(end: CommandEnd, max = REASON_MAX): string {
  return storableTail(end.tail, max).trim();
}
