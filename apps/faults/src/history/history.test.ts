/** A history says what was said, in the order of the clock, whoever died over it. */
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Operation } from "./entry.ts";
import { callsOf, faultsOf, readEntries } from "./read.ts";
import { openHistory } from "./write.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "baton-history-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const pause = (key: string): Operation => ({ op: "pause", run_id: "r", key });

describe("a history", () => {
  test("gives each operation with its end, and one without an end as info", () => {
    const history = openHistory(join(folder, "a.jsonl"), "a");
    const [one, two, three] = [pause("1"), pause("2"), pause("3")].map((operation) => history.invoke(operation));
    history.info(two ?? "", "time-out");
    history.fail(one ?? "", 409, "run_closed");
    history.ok(three ?? "", { answer: "x" });
    history.invoke(pause("4"));
    const ends = callsOf(readEntries(folder)).map(({ operation, end }) => [operation, end]);
    expect(ends).toMatchObject([
      [pause("1"), { type: "fail", status: 409, code: "run_closed" }],
      [pause("2"), { type: "info", reason: "time-out" }],
      [pause("3"), { type: "ok", answer: { answer: "x" } }],
      [pause("4"), { type: "info" }],
    ]);
  });

  test("of several processes is one, in the order of the clock", () => {
    const [a, b] = [openHistory(join(folder, "a.jsonl"), "a"), openHistory(join(folder, "b.jsonl"), "b")];
    a.fault("kill", "once");
    b.fault("freeze", "begin");
    a.fault("flush", "once");
    b.fault("freeze", "end");
    const said = faultsOf(readEntries(folder)).map(({ actor, fault, phase }) => `${actor} ${fault} ${phase}`);
    expect(said).toEqual(["a kill once", "b freeze begin", "a flush once", "b freeze end"]);
  });

  test("of a second life under the same name has ids of its own", () => {
    const file = join(folder, "a.jsonl");
    const ids = [1, 2].map(() => openHistory(file, "a").invoke(pause("1")));
    expect(new Set(ids).size).toBe(2);
    expect(callsOf(readEntries(folder))).toHaveLength(2);
  });

  test("is read without a last line that was never finished, and refused where a whole line makes no sense", () => {
    const file = join(folder, "a.jsonl");
    openHistory(file, "a").fault("kill", "once");
    appendFileSync(file, '{"type":"fau');
    expect(readEntries(folder)).toHaveLength(1);
    writeFileSync(file, '{"type":"nonsense"}\n');
    expect(() => readEntries(folder)).toThrow("a.jsonl:1");
  });
});

test("nothing is said after it is closed, lest it is said in another's file; closing it again is harmless", () => {
  const one = openHistory(join(folder, "closed.jsonl"), "one");
  one.close();
  const two = openHistory(join(folder, "other.jsonl"), "two");
  expect(() => one.fault("late", "once")).toThrow("the history of one is closed");
  one.close();
  two.fault("kill", "once");
  two.close();
  expect(readFileSync(join(folder, "other.jsonl"), "utf8").trim().split("\n")).toHaveLength(1);
});
