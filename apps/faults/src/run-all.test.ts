/** The word of a run: passed, failed or void, whatever a scenario does; and what people read of it. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { leftBehind } from "./cluster/leftovers.ts";
import { textOf } from "./report.ts";
import { runAll } from "./run-all.ts";
import type { Outcome, Scenario } from "./scenario.ts";

const GOOD: Outcome = { planned: 2, injected: 2, violations: [], figures: { tasks: 7, back_s: 1.23456 } };

const scenario = (name: string, run: Scenario["run"]): Scenario => ({ name, promise: "nothing is lost", run });

const bad = { ...GOOD, violations: [{ invariant: "one result", detail: "task 1 has two" }] };

const SCENARIOS = [
  scenario("good", async () => GOOD),
  scenario("wrong", async () => bad),
  scenario("idle", async () => ({ ...GOOD, injected: 1 })),
  scenario("broken", async ({ folder }) => {
    writeFileSync(join(folder, "log"), "");
    throw new Error("it broke");
  }),
];

async function run(scenarios: readonly Scenario[], limit_ms = 60_000) {
  const report = await runAll(scenarios, { form: "short", seed: 42, limit_ms }, () => {});
  onTestFinished(() => {
    for (const { folder } of report.results) if (folder) rmSync(dirname(folder), { recursive: true, force: true });
  });
  return report;
}

test("a violation fails, too few faults are void, and one that breaks fails alone", async () => {
  const { results } = await run(SCENARIOS);
  expect(results.map(({ verdict }) => verdict)).toEqual(["passed", "failed", "void", "failed"]);
  expect(results[3]?.violations[0]?.detail).toContain("it broke");
});

test("what a scenario that does not end has started is gone before the next one begins", async () => {
  const seen: string[] = [];
  const endless = scenario("endless", () => {
    leftBehind().add(() => void seen.push("cleared"));
    return new Promise<Outcome>(() => {});
  });
  const next = scenario("next", async () => {
    seen.push("next");
    return GOOD;
  });
  const { results } = await run([endless, next], 50);
  expect(seen).toEqual(["cleared", "next"]);
  expect(results.map(({ verdict }) => verdict)).toEqual(["failed", "passed"]);
  expect(results[0]?.violations[0]?.detail).toBe("it did not end");
});

test("who is judged by times is beside nobody until it is measured; who is not shares the machine", async () => {
  const there = new Set<string>();
  const beside: Record<string, string[]> = {};
  const met = Promise.withResolvers<void>();
  const enter = (name: string): void => {
    there.add(name);
    beside[name] = [...there];
  };
  const leave = (name: string): Outcome => {
    there.delete(name);
    return GOOD;
  };
  const sharing = (name: string): Scenario => ({
    ...scenario(name, async () => {
      enter(name);
      met.resolve();
      await setImmediate();
      return leave(name);
    }),
    shares: true,
  });
  const timed = scenario("timed", async ({ measured }) => {
    enter("timed");
    await setImmediate();
    beside.measured = [...there];
    measured();
    await met.promise;
    return leave("timed");
  });
  const last = scenario("last", async () => {
    enter("last");
    await setImmediate();
    return leave("last");
  });
  const { results } = await run([sharing("a"), timed, sharing("b"), last, sharing("c"), sharing("d")]);
  expect(results.map(({ scenario: name }) => name)).toEqual(["a", "timed", "b", "last", "c", "d"]);
  expect(beside).toMatchObject({ timed: ["timed"], measured: ["timed"], a: ["timed", "a"], last: ["last"] });
  expect(beside.d).toContain("c");
});

test("the folder stays for what is wrong and goes with what passed", async () => {
  const folders: string[] = [];
  const noting = SCENARIOS.map((one) =>
    scenario(one.name, (round) => {
      folders.push(round.folder);
      return one.run(round);
    }),
  );
  const { results } = await run(noting);
  expect(folders.map((folder) => existsSync(folder))).toEqual([false, true, true, true]);
  expect(results.map(({ folder }) => folder)).toEqual([null, ...folders.slice(1)]);
});

test("people read the verdicts, the figures, what was wrong, and the seed", async () => {
  const text = textOf(await run(SCENARIOS));
  expect(text).toMatch(/good\s+passed\s+2 of 2\s+0\s+tasks 7, back_s 1\.23/);
  expect(text).toContain("wrong: failed\n  one result\n    task 1 has two\n  histories and logs: ");
  expect(text).toContain("idle: void, only 1 of 2 faults");
  expect(text).toContain("1 of 4 passed, short form, seed 42");
});
