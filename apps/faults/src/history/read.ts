/** Reads histories back: all entries of a run in the order of the clock, and the operations they make. Judging them is the checker's. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Answer, Entry, type Operation } from "./entry.ts";

/** How an operation ended, as far as its client knows. `info`: nobody knows; it may have happened at any time after it was sent. */
export type End =
  | { type: "ok"; at: number; answer: Answer }
  | { type: "fail"; at: number; status: number; code: string }
  | { type: "info"; reason: string };

/** One call of one client. */
export interface Call<O extends Operation = Operation> {
  id: string;
  actor: string;
  /** Milliseconds of the host's monotonic clock. */
  invoked_at: number;
  operation: O;
  end: End;
}

export type Fault = Extract<Entry, { type: "fault" }>;

/** Of every `*.jsonl` in the folder. A last line that was cut off by the end of its process was never said. */
export function readEntries(folder: string): Entry[] {
  const files = readdirSync(folder).filter((name) => name.endsWith(".jsonl"));
  return files.flatMap((name) => entriesOf(readFileSync(join(folder, name), "utf8"), name)).sort((a, b) => a.at - b.at);
}

function entriesOf(text: string, name: string): Entry[] {
  const whole = text.slice(0, text.lastIndexOf("\n") + 1);
  const lines = whole.split("\n").filter((line) => line !== "");
  return lines.map((line, i) => {
    const parsed = Entry.safeParse(JSON.parse(line));
    if (parsed.success) return parsed.data;
    throw new Error(`${name}:${i + 1} is no entry of a history: ${parsed.error.message}`);
  });
}

/** In the order in which they were sent. One without a second entry is `info`: its process died over it. */
export function callsOf(entries: readonly Entry[]): Call[] {
  const ends = new Map<string, End>();
  for (const entry of entries) {
    const end = endOf(entry);
    if (end === null) continue;
    if (ends.has(entry.id)) throw new Error(`operation ${entry.id} ends twice`);
    ends.set(entry.id, end);
  }
  return entries.flatMap((entry) => {
    if (entry.type !== "invoke") return [];
    const { id, actor, at, operation } = entry;
    return [{ id, actor, invoked_at: at, operation, end: ends.get(id) ?? DIED }];
  });
}

const DIED: End = { type: "info", reason: "its process died over it" };

function endOf(entry: Entry): End | null {
  const { at } = entry;
  if (entry.type === "ok") return { type: "ok", at, answer: entry.answer };
  if (entry.type === "fail") return { type: "fail", at, status: entry.status, code: entry.code };
  return entry.type === "info" ? { type: "info", reason: entry.reason } : null;
}

export function faultsOf(entries: readonly Entry[]): Fault[] {
  return entries.filter((entry) => entry.type === "fault");
}

export type Named<N extends Operation["op"]> = Extract<Operation, { op: N }>;

/** Only the calls with these names. */
export function named<N extends Operation["op"]>(calls: readonly Call[], ...names: N[]): Call<Named<N>>[] {
  return calls.filter((call): call is Call<Named<N>> => (names as string[]).includes(call.operation.op));
}
