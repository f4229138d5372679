/** What must hold when parts of a running line die, are late or are told to stop. One line for all of them, as in real life. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { git, gitRepository, sendTask } from "./testing/git-project.ts";
import { eventTypes, LONG, TEST_MS, taskOf } from "./testing/looking.ts";
import { isAlive, testFolder } from "./testing/processes.ts";
import { answered, type StartedLine, startLine } from "./testing/started-line.ts";

let line: StartedLine;

beforeAll(async () => {
  line = await startLine({ args: ["--no-sample"], environment: { BATON_LEASE_S: "4" } });
  return () => line.end();
}, TEST_MS);

test(
  "a task whose worker is killed in the middle of an attempt is worked again and completes",
  async () => {
    const folder = testFolder();
    // The first attempt never ends by itself.
    const dev = `if [ -e ${folder}/begun ]; then echo done > b.txt; else touch ${folder}/begun; sleep 600; fi`;
    const { task_id } = await sendTask(line, { repository_url: gitRepository(folder), dev });
    await expect.poll(() => existsSync(join(folder, "begun")), LONG).toBe(true);
    process.kill(line.pidOf("dev"), "SIGKILL");
    await expect.poll(async () => (await taskOf(line, task_id)).state, LONG).toBe("completed");
    const events = await eventTypes(line, task_id);
    expect(events.slice(0, 5)).toEqual(["none submitted", "dev claimed", "dev expired", "dev claimed", "dev passed"]);
  },
  TEST_MS,
);

test(
  "the kill of a run ends the agent that works for it, and nothing it does counts",
  async () => {
    const folder = testFolder();
    const repository_url = gitRepository(folder);
    // An agent that does not listen to SIGTERM.
    const dev = `trap '' TERM; echo $$ > ${folder}/pid; while true; do sleep 1; done`;
    const { run_id, task_id } = await sendTask(line, { repository_url, dev });
    await expect.poll(() => existsSync(join(folder, "pid")), LONG).toBe(true);
    const agent = Number(readFileSync(join(folder, "pid"), "utf8"));
    expect(
      await answered(line.client.call("killRun", { params: { id: run_id }, body: { reason: "enough" } })),
    ).toMatchObject({
      cancelled_tasks: 1,
    });
    await expect.poll(() => isAlive(agent), LONG).toBe(false);
    expect(await taskOf(line, task_id)).toMatchObject({ state: "cancelled" });
    expect(await eventTypes(line, task_id)).toEqual(["none submitted", "dev claimed", "dev cancelled"]);
    expect(git(repository_url, "branch", "--list", "baton/*")).toBe("");
  },
  TEST_MS,
);

test(
  "a stale lease's completion is answered 410 and changes nothing",
  async () => {
    const { project } = await answered(line.client.call("createProject", { body: { name: "pulled" } }));
    const { tasks } = await answered(
      line.client.call("createRun", {
        body: { project_id: project.id, name: "r", tasks: [{ title: "t" }] },
      }),
    );
    const claim = { stages: ["dev" as const], agent: { id: "slow" }, lease_s: 5 };
    const { lease } = await answered(line.client.call("claim", { body: { ...claim, claim_id: "one" } }));
    await expect.poll(async () => (await taskOf(line, lease.task_id)).crashes, LONG).toBe(1);
    const body = { epoch: lease.epoch, result: "pass", packet: { output_summary: "late" } };
    const late = await line.client.call("complete", { params: { id: lease.id }, body: body as never });
    expect(late).toMatchObject({ ok: false, status: 410, problem: { code: "lease_lost" } });
    expect(await taskOf(line, tasks[0]?.id ?? "")).toMatchObject({ stage: "dev", visit: 1 });
  },
  TEST_MS,
);

test(
  "a user's repository is only changed on branches of its own",
  async () => {
    const repository_url = gitRepository(testFolder());
    const before = [
      git(repository_url, "status", "--porcelain"),
      git(repository_url, "rev-parse", "HEAD"),
      git(repository_url, "branch", "--show-current"),
    ];
    const { run_id, task_id } = await sendTask(line, { repository_url, dev: "echo b > b.txt" });
    await expect.poll(async () => (await taskOf(line, task_id)).state, LONG).toBe("completed");
    expect([
      git(repository_url, "status", "--porcelain"),
      git(repository_url, "rev-parse", "HEAD"),
      git(repository_url, "branch", "--show-current"),
    ]).toEqual(before);
    expect(git(repository_url, "worktree", "list").split("\n")).toHaveLength(1);
    expect(git(repository_url, "show", `baton/${run_id}/${task_id}:b.txt`)).toBe("b");
  },
  TEST_MS,
);
