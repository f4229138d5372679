/** `baton work` when the way to the server is cut, when its lease is taken over meanwhile, and when its run is paused. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { EXIT } from "../exit-codes.ts";
import { batonWork } from "../testing/baton-work.ts";
import { flakyWay } from "../testing/flaky-way.ts";
import { git, gitRepository } from "../testing/git-project.ts";
import { LONG, TEST_MS, taskOf } from "../testing/looking.ts";
import { testFolder } from "../testing/processes.ts";
import { answered, type StartedLine, startLine } from "../testing/started-line.ts";

let line: StartedLine;

beforeAll(async () => {
  line = await startLine({ args: ["--no-sample"] });
  return () => line.end();
}, TEST_MS);

/** One task of dev, and an agent that works until a file is there. */
async function underWay(lease_s: number, more: string[] = []) {
  const folder = testFolder();
  const repository = gitRepository(folder);
  const { project } = await answered(
    line.client.call("createProject", { body: { name: "p", repository_url: repository } }),
  );
  const body = { project_id: project.id, name: "r", tasks: [{ title: "a task" }] };
  const { run, tasks } = await answered(line.client.call("createRun", { body }));
  onTestFinished(async () => {
    await line.client.call("killRun", { params: { id: run.id }, body: {} });
  });
  const way = await flakyWay(line.url);
  const script = `echo x > y; touch ${folder}/begun; until [ -e ${folder}/go ]; do sleep 0.1; done; cp "$BATON_MESSAGES" ${folder}/heard; echo done`;
  const args = ["--stage", "dev", "--once", "--lease", String(lease_s), ...more];
  const working = batonWork({ ...line, url: way.url }, join(folder, "w"), args, ["sh", "-c", script]);
  await expect.poll(() => existsSync(join(folder, "begun")), LONG).toBe(true);
  const go = () => writeFileSync(join(folder, "go"), "");
  return { folder, repository, run_id: run.id, task_id: tasks[0]?.id ?? "", way, working, go };
}

test(
  "a server that is away is waited for, and the work is handed in when it is back",
  async () => {
    const { way, working, go, task_id } = await underWay(1_800);
    way.cut();
    go();
    await expect.poll(() => working.first("server_away"), LONG).toBeDefined();
    way.mend();
    expect(await working.ended).toBe(EXIT.ok);
    expect(working.events().map(({ event }) => event)).toEqual(expect.arrayContaining(["server_back", "passed"]));
    expect(await taskOf(line, task_id)).toMatchObject({ stage: "qa", crashes: 0 });
  },
  TEST_MS,
);

test(
  "a lease that was lost while the server was away is said so, and the work thrown away",
  async () => {
    const { way, working, go, task_id, folder, repository } = await underWay(5);
    way.cut();
    await expect.poll(async () => (await taskOf(line, task_id)).crashes, LONG).toBe(1);
    way.mend();
    expect(await working.ended).toBe(EXIT.not_now);
    expect(working.first("thrown_away")).toMatchObject({ task_id });
    expect(readdirSync(join(folder, "w/worktrees"))).toEqual([]);
    expect(git(repository, "branch", "--list", "baton/*")).toBe("");
    go();
  },
  TEST_MS,
);

test(
  "a pause is told to the agent; what it has not handed in after the grace is given back",
  async () => {
    const { working, run_id, task_id } = await underWay(5, ["--grace", "1"]);
    await answered(line.client.call("pauseRun", { params: { id: run_id } }));
    expect(await working.ended).toBe(EXIT.not_now);
    expect(working.first("directive")).toMatchObject({ directive: "pause" });
    expect(working.first("released")).toMatchObject({ why: "the run is paused" });
    expect(await taskOf(line, task_id)).toMatchObject({ state: "pending", stage: "dev", crashes: 0, failures: 0 });
  },
  TEST_MS,
);

test(
  "an agent that ends within the grace has its work taken, and it has heard why",
  async () => {
    const { working, run_id, task_id, go, folder } = await underWay(5);
    await answered(line.client.call("pauseRun", { params: { id: run_id } }));
    await expect.poll(() => working.first("directive"), LONG).toMatchObject({ directive: "pause" });
    go();
    expect(await working.ended).toBe(EXIT.ok);
    expect(readFileSync(join(folder, "heard"), "utf8")).toMatch(/^## \S+ baton\n\npause: the run is paused/);
    expect(await taskOf(line, task_id)).toMatchObject({ stage: "qa" });
  },
  TEST_MS,
);
