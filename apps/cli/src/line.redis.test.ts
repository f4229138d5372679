/** The whole line as a user starts it, on Redis: the sample run, and Redis wiped in the middle of a run. */
import { existsSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { redis_there, redisForTest } from "@baton/queue/testing";
import { expect, onTestFinished, test } from "vitest";
import { gitRepository, sendTask } from "./testing/git-project.ts";
import { LONG, sampleRuns, TEST_MS, taskOf } from "./testing/looking.ts";
import { answered, startLine } from "./testing/started-line.ts";

async function redis() {
  const server = await redisForTest();
  onTestFinished(() => server.close());
  return server;
}

test.skipIf(!redis_there)(
  "the sample run completes after one loop-back on Redis",
  async () => {
    const { url } = await redis();
    const line = await sampleRuns({ REDIS_URL: url });
    expect((await answered(line.client.call("status"))).queue).toEqual({ backend: "redis", ok: true });
  },
  TEST_MS,
);

test.skipIf(!redis_there)(
  "a run survives the wiping of Redis in its middle",
  async () => {
    const server = await redis();
    const line = await startLine({ args: ["--no-sample"], environment: { REDIS_URL: server.url } });
    onTestFinished(() => line.end());
    const folder = dirname(line.data_dir);
    const repository_url = gitRepository(folder);
    const dev = `touch ${folder}/begun; while [ ! -e ${folder}/go ]; do sleep 0.1; done; date +%N > b.txt`;
    const first = await sendTask(line, { repository_url, dev });
    await expect.poll(() => existsSync(join(folder, "begun")), LONG).toBe(true);
    const more = await Promise.all([1, 2, 3].map(() => sendTask(line, { repository_url, dev })));
    await server.wipe();
    writeFileSync(join(folder, "go"), "");
    for (const { task_id } of [first, ...more]) {
      await expect.poll(async () => (await taskOf(line, task_id)).state, LONG).toBe("completed");
    }
  },
  TEST_MS,
);
