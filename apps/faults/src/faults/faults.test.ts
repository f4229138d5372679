/** Schedules and chance: what is planned, what came off, and that a seed repeats it. */
import { expect, test } from "vitest";
import type { History } from "../history/write.ts";
import { chanceOf, oneOf } from "./chance.ts";
import { lasting, strikes } from "./strike.ts";

function told(): { history: History; entries: string[] } {
  const entries: string[] = [];
  const nothing = () => {};
  const fault = (name: string, phase: string) => void entries.push(`${name} ${phase}`);
  return { history: { invoke: () => "", ok: nothing, fail: nothing, info: nothing, fault, close: nothing }, entries };
}

test("the same seed draws the same numbers, another one others, all of them from 0 up to 1", () => {
  const drawn = (seed: number) => Array.from({ length: 1_000 }, chanceOf(seed));
  expect(drawn(7)).toEqual(drawn(7));
  expect(drawn(8)).not.toEqual(drawn(7));
  expect(drawn(7).every((number) => number >= 0 && number < 1)).toBe(true);
  const tenths = new Set(drawn(7).map((number) => Math.floor(number * 10)));
  expect(tenths.size).toBe(10);
});

test("one is drawn of all, and never of none", () => {
  const chance = chanceOf(1);
  expect(new Set(Array.from({ length: 100 }, () => oneOf(chance, ["a", "b", "c"])))).toEqual(new Set(["a", "b", "c"]));
  expect(() => oneOf(chance, [])).toThrow(/nothing to choose/);
});

test("strikes are told and counted, and one that does not come off is not counted", async () => {
  const { history, entries } = told();
  const struck = await strikes({ history, name: "cut", times: 3, every_ms: 0 }, (i) => {
    if (i === 1) throw new Error("missed");
  });
  expect(struck).toEqual({ planned: 3, injected: 2 });
  expect(entries).toEqual(Array.from({ length: 3 }, () => ["cut begin", "cut end"]).flat());
});

test("what lasts is ended in any case, and counts only when it began", async () => {
  const { history, entries } = told();
  let ended = 0;
  const end = () => void (ended += 1);
  const begin = () => Promise.reject(new Error("missed"));
  expect(await lasting({ history, name: "hole", lasts_ms: 1 }, { begin: () => {}, end })).toMatchObject({
    injected: 1,
  });
  expect(await lasting({ history, name: "hole", lasts_ms: 1 }, { begin, end })).toEqual({ planned: 1, injected: 0 });
  expect([ended, entries.length]).toEqual([2, 4]);
});
