/** The supervisor over real programs: who is started again and how soon, what ends everything, and in which order. */
import { expect, onTestFinished, test } from "vitest";
import type { Ready } from "./child.ts";
import { createSupervisor, type Supervisor } from "./supervisor.ts";
import { isAlive, numbersInLogs, pidIn, testFolder, testProgram } from "./testing/processes.ts";

type Watched = { supervisor: Supervisor; folder: string; ready: Ready[]; pauses: number[] };

function watchedSupervisor(): Watched {
  const folder = testFolder();
  const [ready, pauses]: [Ready[], number[]] = [[], []];
  const supervisor = createSupervisor(folder, {
    ready: (_, word) => ready.push(word),
    died: (_, __, again_in_ms) => pauses.push(again_in_ms),
  });
  onTestFinished(supervisor.stop);
  return { supervisor, folder, ready, pauses };
}

test("a program killed with -9 is started again within a second", async () => {
  const { supervisor, ready, pauses } = watchedSupervisor();
  const [first] = await supervisor.keep([testProgram("obedient")]);
  process.kill(pidIn(first?.url), "SIGKILL");
  await expect.poll(() => ready.length).toBe(2);
  expect(isAlive(pidIn(ready[1]?.url))).toBe(true);
  expect(pauses).toEqual([100]);
});

test("the death of one leaves the others alone", async () => {
  const { supervisor, ready } = watchedSupervisor();
  const [one, other] = await supervisor.keep([testProgram("obedient"), testProgram("lingering")]);
  process.kill(pidIn(one?.url), "SIGKILL");
  await expect.poll(() => ready.length).toBe(3);
  expect(isAlive(pidIn(other?.url))).toBe(true);
});

test("a program that dies again and again is started ever more slowly, and given up when it was never ready", async () => {
  const { supervisor, pauses } = watchedSupervisor();
  void supervisor.keep([testProgram("hopeless")]);
  expect(await supervisor.failed).toEqual({
    message: "hopeless died 5 times before it was ready",
    last_words: ["cannot start: no disk"],
    exit_code: 1,
  });
  expect(pauses).toEqual([100, 200, 400, 800]);
});

test("a program that refuses its settings is not started again", async () => {
  const { supervisor, pauses } = watchedSupervisor();
  void supervisor.keep([testProgram("refusing")]);
  expect(await supervisor.failed).toEqual({
    message: "refusing refuses its settings",
    last_words: ["REDIS_URL must be a redis:// URL"],
    exit_code: 78,
  });
  expect(pauses).toEqual([]);
});

test("a program that is run to its end must end well", async () => {
  const { supervisor } = watchedSupervisor();
  await supervisor.run(testProgram("finishing"));
  void supervisor.run(testProgram("hopeless"));
  expect(await supervisor.failed).toMatchObject({ message: "hopeless failed", exit_code: 78 });
});

test("what was started first is ended last, and nobody is left", async () => {
  const { supervisor, folder, ready } = watchedSupervisor();
  await supervisor.keep([testProgram("obedient")]);
  await supervisor.keep([testProgram("lingering")]);
  await supervisor.stop();
  const ended = numbersInLogs(folder, "ended");
  expect(Number(ended.get("obedient"))).toBeGreaterThanOrEqual(Number(ended.get("lingering")));
  expect(ready.map((word) => isAlive(pidIn(word.url)))).toEqual([false, false]);
});

test("a stop ends the waiting for another try", async () => {
  const { supervisor, pauses, folder } = watchedSupervisor();
  void supervisor.keep([testProgram("hopeless")]);
  await expect.poll(() => pauses.length, { interval: 5 }).toBe(2);
  await supervisor.stop();
  expect(numbersInLogs(folder, "pid").get("hopeless")).toEqual([]);
  expect(pauses).toHaveLength(2);
});

test("each program has a log of its own", async () => {
  const { supervisor, folder, ready } = watchedSupervisor();
  await supervisor.keep([testProgram("obedient"), { ...testProgram("obedient"), name: "second" }]);
  const [one, other] = ready.map((word) => pidIn(word.url));
  const logs = numbersInLogs(folder, "pid");
  expect([logs.get("obedient"), logs.get("second")].flat()).toEqual(expect.arrayContaining([one, other]));
  expect(one).not.toBe(other);
});
