/** Writes one process's history: a line of JSON for each thing said or heard, in one synchronous write each, so that a kill -9 loses nothing that was said. What the lines are is `entry.ts`. */
import { randomBytes } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import type { Answer, Entry, Operation } from "./entry.ts";

export interface History {
  /** Before it is sent. Gives the id under which its end is told. */
  invoke(operation: Operation): string;
  ok(id: string, answer: Answer): void;
  /** Refused for certain: nothing was changed. */
  fail(id: string, status: number, code: string): void;
  /** It may have happened: a time-out, a cut connection, a 5xx. */
  info(id: string, reason: string): void;
  fault(name: string, phase: "begin" | "end" | "once"): void;
  /** Nothing may be said after it. */
  close(): void;
}

/** Milliseconds of the host's monotonic clock, the same for all its processes. */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Appends to `file`; several lives of one actor may share it, their ids differ. */
export function openHistory(file: string, actor: string): History {
  const descriptor = openSync(file, "a");
  const life = `${actor}.${randomBytes(4).toString("hex")}`;
  let said = 0;
  let closed = false;
  const write = (entry: Entry) => {
    // The number of a closed file may be that of another one by now.
    if (closed) throw new Error(`the history of ${actor} is closed`);
    writeSync(descriptor, `${JSON.stringify(entry)}\n`);
  };
  const next = () => {
    said += 1;
    return `${life}.${said}`;
  };
  return {
    invoke: (operation) => {
      const id = next();
      write({ type: "invoke", id, actor, at: monotonic(), operation });
      return id;
    },
    ok: (id, answer) => write({ type: "ok", id, actor, at: monotonic(), answer }),
    fail: (id, status, code) => write({ type: "fail", id, actor, at: monotonic(), status, code }),
    info: (id, reason) => write({ type: "info", id, actor, at: monotonic(), reason }),
    fault: (fault, phase) => write({ type: "fault", id: next(), actor, at: monotonic(), fault, phase }),
    close: () => {
      if (!closed) closeSync(descriptor);
      closed = true;
    },
  };
}
