/** `baton work` against a running line, with stand-in agents that are shell scripts. One line for all of them, as in real life. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, onTestFinished, test } from "vitest";
import { prepareSample } from "../../../../examples/sample/prepare.ts";
import { SAMPLE_RUN, sampleProject } from "../../../../examples/sample/sample.ts";
import { EXIT } from "../exit-codes.ts";
import { batonWork } from "../testing/baton-work.ts";
import { git, gitRepository } from "../testing/git-project.ts";
import { eventTypes, LONG, TEST_MS, taskOf } from "../testing/looking.ts";
import { isAlive, testFolder } from "../testing/processes.ts";
import { answered, type StartedLine, startLine } from "../testing/started-line.ts";

let line: StartedLine;

beforeAll(async () => {
  line = await startLine({ args: ["--no-sample"] });
  return () => line.end();
}, TEST_MS);

/** A task of a project of its own whose dev (and qa) nobody hosts. */
async function sendTask(repository_url: string | null) {
  const { project } = await answered(line.client.call("createProject", { body: { name: "p", repository_url } }));
  const body = { project_id: project.id, name: "r", tasks: [{ title: "a task" }] };
  const { run, tasks } = await answered(line.client.call("createRun", { body }));
  killedAfterwards(run.id);
  return { run_id: run.id, task_id: tasks[0]?.id ?? "" };
}

/** What one test leaves must not be offered to the next one's agent. */
function killedAfterwards(id: string) {
  onTestFinished(async () => {
    await line.client.call("killRun", { params: { id }, body: {} });
  });
}

const sh = (script: string) => ["sh", "-c", script];
const STAND_IN = fileURLToPath(new URL("../testing/agents/stand-in.ts", import.meta.url));
const standIn = (sample: string) => [process.execPath, STAND_IN, sample];

test(
  "the sample's task goes through dev and qa by baton work, with the other stages hosted",
  async () => {
    const folder = testFolder();
    const { path } = await prepareSample(join(folder, "sample"));
    const { settings, ...project } = sampleProject(path, process.execPath);
    const made = await answered(line.client.call("createProject", { body: project }));
    const body = { ...SAMPLE_RUN, project_id: made.project.id };
    const { run, tasks } = await answered(line.client.call("createRun", { body }));
    killedAfterwards(run.id);
    const id = tasks[0]?.id ?? "";
    const dev = ["sh", "-c", settings.commands.dev.run];
    const qa = (workdir: string) =>
      batonWork(
        line,
        join(folder, workdir),
        ["--stage", "qa", "--once", "--check", settings.test_command],
        standIn("claude"),
      );

    expect(await batonWork(line, join(folder, "w"), ["--stage", "dev", "--once"], dev).ended).toBe(EXIT.ok);
    const first = qa("w");
    expect(await first.ended).toBe(EXIT.ok);
    expect(first.first("rejected")?.reasons.join()).toContain("test fails: letters with accents");
    expect(await batonWork(line, join(folder, "w"), ["--stage", "dev", "--once"], dev).ended).toBe(EXIT.ok);
    const second = qa("elsewhere");
    expect(await second.ended).toBe(EXIT.ok);
    expect(second.first("passed")).toMatchObject({ task_id: id });

    await expect.poll(async () => (await taskOf(line, id)).state, LONG).toBe("completed");
    const log = () => git(path, "log", "--format=%s", `baton/${run.id}/${id}`).split("\n");
    await expect.poll(log, LONG).toHaveLength(4);
    expect(git(path, "worktree", "list").split("\n")).toHaveLength(1);
    expect(readdirSync(join(folder, "w/worktrees"))).toEqual([]);
    const { items } = await answered(line.client.call("listPackets", { params: { id }, query: {} }));
    const tested = items.find((packet) => packet.phase === "qa" && packet.status === "completed");
    expect(tested).toMatchObject({
      output_summary: expect.stringContaining("checked by a stand-in"),
      ...{ cost_tokens_in: 21_294, cost_tokens_out: 941, cost_usd: "0.104579" },
      output_metrics: { extracted: true, tests: { failed: 0 }, agent: { format: "claude" } },
    });
  },
  TEST_MS,
);

test(
  "a cancelled task ends the agent that ignores SIGTERM, and its work is thrown away",
  async () => {
    const folder = testFolder();
    const repository = gitRepository(folder);
    const { task_id } = await sendTask(repository);
    const script = `trap '' TERM; echo $$ > ${folder}/pid; echo x > y; while true; do sleep 1; done`;
    const working = batonWork(line, join(folder, "w"), ["--stage", "dev", "--once", "--lease", "5"], sh(script));
    await expect.poll(() => existsSync(join(folder, "pid")), LONG).toBe(true);
    const agent = Number(readFileSync(join(folder, "pid"), "utf8"));
    await answered(line.client.call("cancelTask", { params: { id: task_id }, body: {} }));
    expect(await working.ended).toBe(EXIT.not_now);
    expect(working.first("thrown_away")).toMatchObject({ task_id });
    expect(isAlive(agent)).toBe(false);
    expect(readdirSync(join(folder, "w/worktrees"))).toEqual([]);
    expect(git(repository, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
    expect(await taskOf(line, task_id)).toMatchObject({ state: "cancelled" });
  },
  TEST_MS,
);

test(
  "Ctrl-C gives the task back at no cost; while nothing is there it just ends",
  async () => {
    const folder = testFolder();
    const { task_id } = await sendTask(gitRepository(folder));
    const working = batonWork(line, join(folder, "w"), ["--stage", "dev"], sh(`echo $$ > ${folder}/pid; sleep 600`));
    await expect.poll(() => existsSync(join(folder, "pid")), LONG).toBe(true);
    working.signal("SIGINT");
    expect(await working.ended).toBe(EXIT.interrupted);
    expect(isAlive(Number(readFileSync(join(folder, "pid"), "utf8")))).toBe(false);
    expect(working.first("released")).toEqual(expect.objectContaining({ task_id, why: "asked to end" }));
    expect(await taskOf(line, task_id)).toMatchObject({ state: "pending", stage: "dev", crashes: 0, failures: 0 });
    expect(await eventTypes(line, task_id)).toEqual(["none submitted", "dev claimed", "dev released"]);

    await answered(line.client.call("cancelTask", { params: { id: task_id }, body: {} }));
    const waiting = batonWork(line, join(folder, "w"), ["--stage", "dev", "--wait", "2"], sh("true"));
    await expect.poll(() => waiting.first("waiting"), LONG).toMatchObject({ reason: "empty" });
    waiting.signal("SIGINT");
    expect(await waiting.ended).toBe(EXIT.interrupted);
    const empty = batonWork(line, join(folder, "w"), ["--stage", "dev", "--until-empty", "--wait", "0"], sh("true"));
    expect(await empty.ended).toBe(EXIT.ok);
  },
  TEST_MS,
);

test(
  "a second Ctrl-C leaves at once and takes the agent along",
  async () => {
    const folder = testFolder();
    await sendTask(gitRepository(folder));
    const script = `trap '' TERM; echo $$ > ${folder}/pid; while true; do sleep 1; done`;
    const working = batonWork(line, join(folder, "w"), ["--stage", "dev"], sh(script));
    await expect.poll(() => existsSync(join(folder, "pid")), LONG).toBe(true);
    const agent = Number(readFileSync(join(folder, "pid"), "utf8"));
    working.signal("SIGINT");
    const asked = performance.now();
    await expect.poll(() => performance.now() - asked > 600).toBe(true);
    working.signal("SIGINT");
    expect(await working.ended).toBe(EXIT.interrupted);
    expect(performance.now() - asked).toBeLessThan(4_000);
    await expect.poll(() => isAlive(agent)).toBe(false);
  },
  TEST_MS,
);

test(
  "an agent without quota costs the task nothing, and its holder takes no other",
  async () => {
    const folder = testFolder();
    const { task_id } = await sendTask(gitRepository(folder));
    const working = batonWork(line, join(folder, "w"), ["--stage", "dev", "--once"], standIn("codex-limit"));
    expect(await working.ended).toBe(EXIT.not_now);
    expect(working.first("failed")).toMatchObject({ fault: "provider", quota: true, retry_after_s: 7_500 });
    expect(await taskOf(line, task_id)).toMatchObject({ stage: "dev", failures: 0, crashes: 0 });
  },
  TEST_MS,
);

test(
  "a program that is not there is this machine's fault: the task stays, the worker ends",
  async () => {
    const folder = testFolder();
    const { task_id } = await sendTask(gitRepository(folder));
    const working = batonWork(line, join(folder, "w"), ["--stage", "dev"], ["no-such-agent", "-p"]);
    expect(await working.ended).toBe(EXIT.cannot_run);
    expect(working.first("failed")).toMatchObject({ fault: "environment" });
    expect(await taskOf(line, task_id)).toMatchObject({ state: "pending", failures: 0 });
  },
  TEST_MS,
);

test(
  "baton done, words of people, and an empty folder where the project has no repository",
  async () => {
    const folder = testFolder();
    const { task_id } = await sendTask(null);
    const wait = `until grep -q "use tabs" "$BATON_MESSAGES"; do sleep 0.1; done`;
    const script = `pwd; ls -A; ${wait}; cp "$BATON_MESSAGES" ${folder}/heard; mkdir "$BATON_OUT/artifacts"; echo kept > "$BATON_OUT/artifacts/notes.txt"; unset BATON_OUT; mkdir deep; cd deep; baton done --pass "made it with tabs"`;
    const working = batonWork(line, join(folder, "w"), ["--stage", "dev", "--once", "--lease", "5"], sh(script));
    await expect.poll(() => working.first("output"), LONG).toBeDefined();
    await answered(line.client.call("postMessage", { params: { id: task_id }, body: { text: "use tabs" } }));
    expect(await working.ended).toBe(EXIT.ok);
    expect(working.first("message")).toMatchObject({ text: "use tabs" });
    expect(readFileSync(join(folder, "heard"), "utf8")).toMatch(/^## \S+ .+\n\nuse tabs\n/);
    expect(await taskOf(line, task_id)).toMatchObject({ stage: "qa", state: "pending" });
    const manifest = await answered(line.client.call("manifest", { params: { id: task_id } }));
    expect(manifest.artifacts).toMatchObject([{ name: "notes.txt", source_stage: "dev", size_bytes: 5 }]);
  },
  TEST_MS,
);
