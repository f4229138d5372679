/** The whole line as a user starts it, on the Postgres queues: the sample run, its end without leftovers, and a second start. */
import { expect, onTestFinished, test } from "vitest";
import { sampleRuns, sampleTask, TEST_MS } from "./testing/looking.ts";
import { isAlive } from "./testing/processes.ts";
import { startLine } from "./testing/started-line.ts";

test(
  "the sample run completes after one loop-back on the Postgres queues, and a second start finds it",
  async () => {
    const line = await sampleRuns({});
    const pids = ["api", "director", "dev", "qa", "sec", "docs"].map(line.pidOf);
    expect(await line.stop()).toBe(0);
    expect(pids.filter(isAlive)).toEqual([]);
    const again = await startLine({ data_dir: line.data_dir });
    onTestFinished(() => again.end());
    expect((await sampleTask(again)).state).toBe("completed");
    expect(again.said()).not.toContain("The sample run");
  },
  TEST_MS,
);
