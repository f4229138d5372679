/** Looking at a started line as a user does: through the API, Bull Board and the repository. */
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { git } from "./git-project.ts";
import { answered, type StartedLine, startLine } from "./started-line.ts";

/** How long a whole run may take on a busy machine. */
export const LONG = { timeout: 90_000, interval: 200 };
export const TEST_MS = 180_000;

export async function taskOf(line: StartedLine, id: string) {
  return (await answered(line.client.call("getTask", { params: { id } }))).task;
}

export async function eventTypes(line: StartedLine, id: string): Promise<string[]> {
  const { items } = await answered(line.client.call("timeline", { params: { id }, query: { limit: 200 } }));
  return items.map((event) => `${event.from.stage} ${event.type}`);
}

export async function sampleTask(line: StartedLine) {
  const { items } = await answered(line.client.call("listTasks", { query: {} }));
  expect(items).toHaveLength(1);
  return items[0] ?? expect.fail("no sample task");
}

const SAMPLE_WAY = [
  "none submitted",
  ...["dev passed", "qa rejected", "dev passed", "qa passed", "sec passed", "docs passed"].flatMap((step) => [
    `${step.split(" ")[0]} claimed`,
    step,
  ]),
];

async function boardNames(line: StartedLine): Promise<string[]> {
  const body = JSON.stringify({ token: line.token });
  const login = await fetch(`${line.url}/api/login`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json" },
  });
  const cookie = login.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const board = await fetch(`${line.url}/admin/queues/api/queues`, { headers: { cookie } });
  const { queues } = (await board.json()) as { queues: { name: string; counts: Record<string, number> }[] };
  return queues.filter((queue) => (queue.counts.completed ?? 0) > 0).map((queue) => queue.name);
}

/** Starts a line on an empty folder and sees its sample run through: dev is sent back once by the failing tests. */
export async function sampleRuns(environment: Record<string, string>) {
  const line = await startLine({ environment });
  onTestFinished(() => line.end());
  await expect.poll(line.said, LONG).toContain("is completed after");
  const task = await sampleTask(line);
  expect(task).toMatchObject({ stage: "complete", state: "completed", visit: 2, rejections: 1 });
  expect(await eventTypes(line, task.id)).toEqual(SAMPLE_WAY);
  expect(line.said()).toContain("rejected in");
  expect((await boardNames(line)).toSorted()).toEqual(["dev", "docs", "qa", "sec"]);
  const log = git(join(line.data_dir, "sample"), "log", "--format=%s", task.branch).split("\n");
  expect(log).toHaveLength(4);
  return line;
}
