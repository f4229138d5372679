/** The log file of one program: kept small, and read back when the program has died. */
import { copyFileSync, existsSync, mkdirSync, openSync, readFileSync, statSync, truncateSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

const LIMIT_BYTES = 10 * 1024 * 1024;
const LAST_WORDS = 10;

/** What Node adds to an error's message; it stays in the log, and would push the message off the terminal. */
const BY_THE_WAY = /^\s+at |^Node\.js v/;

/** A line of pino's, or of a program that reports in the same manner. */
const record = z.object({ msg: z.string(), err: z.object({ message: z.string() }).optional() });

/** Programs write to the file themselves, so that their words outlive the supervisor. */
export function openLog(path: string): { handle: number; said: () => string[] } {
  mkdirSync(dirname(path), { recursive: true });
  keepSmall(path);
  const handle = openSync(path, "a", 0o600);
  const start = sizeOf(path);
  return { handle, said: () => lastWords(path, start) };
}

/** Copied and cut, not renamed: the program that writes here keeps its open file and goes on at the new end. */
export function keepSmall(path: string, limit_bytes = LIMIT_BYTES): void {
  if (sizeOf(path) <= limit_bytes) return;
  try {
    copyFileSync(path, `${path}.1`);
  } catch {
    // A full disk: what is old is lost, and the programs and who looks after them go on.
  }
  truncateSync(path);
}

/** None when somebody has removed the file under the program. */
function lastWords(path: string, start: number): string[] {
  if (!existsSync(path)) return [];
  const text = readFileSync(path)
    .subarray(Math.min(start, sizeOf(path)))
    .toString("utf8");
  const lines = text.split("\n").filter((line) => line.trim() !== "" && !BY_THE_WAY.test(line));
  return lines.slice(-LAST_WORDS).map(readable);
}

function readable(line: string): string {
  const parsed = record.safeParse(parseJson(line));
  if (!parsed.success) return line;
  const { msg, err } = parsed.data;
  return err === undefined || err.message === msg ? msg : `${msg}: ${err.message}`;
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
