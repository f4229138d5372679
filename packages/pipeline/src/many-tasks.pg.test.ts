/** Two hundred tasks through four stages by workers that run beside each other on real queues. */
import { STAGES } from "@baton/domain";
import { openConsumer, type Ticket } from "@baton/queue";
import { expect, onTestFinished, test } from "vitest";
import { type HostedWorker, lookForWork, upkeepOf } from "./index.ts";
import { type TestLine, testLine, testProject } from "./testing/index.ts";
import { countOf, evidence, newTasks, sql, submitted } from "./testing/verbs.ts";

const commands = Object.fromEntries(STAGES.map((stage) => [stage, { run: "true", timeout_s: 60 }]));

/** Workers of all stages, which are through with everything at once. */
function startWorkers({ line, backend, errors }: TestLine): void {
  for (const stage of STAGES) {
    const worker: HostedWorker = {
      // Nobody passes their own work: each stage has a worker of its own.
      ...{ agent: { id: `worker-${stage}`, kind: "hosted" }, lease_ms: 60_000, shutdown: new AbortController().signal },
      work: async () => ({ outcome: "done", ...evidence() }),
    };
    const look = (ticket: Ticket) => lookForWork(line, ticket, worker);
    const { producer, onError } = { producer: line.producer, onError: (error: Error) => void errors.push(error) };
    const consumer = openConsumer(backend, stage, { concurrency: 5, look, producer, onError });
    onTestFinished(() => consumer.drain(5_000).then(() => undefined));
  }
}

test("each of two hundred tasks passes each stage exactly once, in order", async () => {
  const open = await testLine();
  const project_id = await testProject(open, { repository_url: "/repository", settings: { commands } });
  startWorkers(open);
  await submitted(open, newTasks(200), { project_id });
  const standing = async () => ({
    completed: await countOf(open, "tasks where state = 'completed'"),
    errors: open.errors.map(String),
  });
  await expect.poll(standing, { timeout: 60_000 }).toEqual({ completed: 200, errors: [] });
  const lives = await sql(
    open,
    "select array_agg(type || ' ' || from_stage order by seq) as life from events group by task_id",
  );
  const life = STAGES.flatMap((stage) => [`claimed ${stage}`, `passed ${stage}`]);
  for (const one of lives) expect(one.life).toEqual(["submitted none", ...life]);
  expect(await countOf(open, "handoff_packets")).toBe(800);
  expect(await countOf(open, "attempts where outcome = 'pass'")).toBe(800);
  await expect.poll(() => sql(open, "select state from runs")).toEqual([{ state: "completed" }]);
  for (const { tick } of upkeepOf(open.line)) await tick();
  expect(await countOf(open, "events")).toBe(1_800);
  expect(open.errors).toEqual([]);
}, 90_000);
