/** `baton run` and `baton project` as a user types them, against a real API: each once well and once wrong. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProjectView, RunView, TaskView } from "@baton/domain/api";
import { beforeAll, expect, test, vi } from "vitest";
import { type ApiProcess, startApiProcess } from "../testing/api-process.ts";
import { batonAt, begin } from "../testing/baton.ts";
import { TEST_MS } from "../testing/looking.ts";

// Each command is a process of its own.
vi.setConfig({ testTimeout: TEST_MS });

let api: ApiProcess;
let baton: ReturnType<typeof batonAt>;

beforeAll(async () => {
  api = await startApiProcess();
  baton = batonAt(api);
  await api.client.call("createProject", { body: { name: "library" } });
  return () => api.end();
});

type Made = { run: RunView; tasks: TaskView[] };
const makeRun = (...more: string[]) => baton.json<Made>("run", "create", "--project", "library", ...more);

test("a project is made of a repository, its tests and its agent, and is listed", async () => {
  const repository = join(api.folder, "repository");
  const { project } = await baton.json<{ project: ProjectView }>(
    ...["project", "create", "hosted", "--repository", repository, "--branch", "trunk"],
    ...["--test", "npm test", "--dev", "claude -p"],
  );
  expect(project).toMatchObject({
    ...{ name: "hosted", repository_url: repository, primary_branch: "trunk" },
    settings: { test_command: "npm test", commands: { dev: { run: "claude -p", timeout_s: 1_800 } } },
  });
  const { out } = await baton.run("project", "list");
  expect(out).toMatch(/^ID +HOSTED +NAME +REPOSITORY\n/);
  expect(out).toContain(`${project.id}  dev qa sec docs  hosted   ${repository}\n`);
});

test("a project's settings come from a file, beside what is on the command line", async () => {
  const file = join(api.folder, "settings.json");
  writeFileSync(file, JSON.stringify({ approval: "required", commands: { qa: { run: "true" } } }));
  const args = ["project", "create", "set", "--settings", file, "--dev", "true"];
  const { project } = await baton.json<{ project: ProjectView }>(...args);
  expect(project.settings).toMatchObject({
    approval: "required",
    commands: { qa: { run: "true" }, dev: { run: "true" } },
  });
});

test("bad settings of a project are refused and named", async () => {
  expect.hasAssertions();
  const file = join(api.folder, "bad.json");
  writeFileSync(file, "[]");
  await baton.refused(65, /holds no settings/, "project", "create", "x", "--settings", file);
  await baton.refused(66, /cannot be read \(ENOENT\)/, "project", "create", "x", "--settings", "/nowhere");
  await baton.refused(65, /\/primary_branch.*Next: mend/, "project", "create", "x", "--branch", "a..b");
});

test("a run takes tasks from the command line and from a file", async () => {
  const file = join(api.folder, "tasks.json");
  writeFileSync(file, JSON.stringify([{ title: "one", priority: 9 }, { title: "two", depends_on: [0] }, "three"]));
  const args = ["--name", "first", "--file", file, "--task", "four", "--priority", "2", "--approval", "required"];
  const { run, tasks } = await makeRun(...args);
  expect(run).toMatchObject({ name: "first", state: "active", approval: "required" });
  expect(tasks.map(({ title, priority }) => `${title} ${priority}`)).toEqual(["one 9", "two 2", "three 2", "four 2"]);
  expect(tasks[1]?.depends_on).toEqual([tasks[0]?.id]);
});

test("tasks may come from standard input, and a run without a name is called after its first task", async () => {
  const args = ["run", "create", "--project", "library", "--file", "-"];
  const { code, out } = await begin(api, args, { input: '{"tasks": ["the first", "the second"]}' }).ended;
  expect(code).toBe(0);
  expect(out).toMatch(/^Run \S{36} “the first” is on the line, with 2 task\(s\)\.\nbaton watch \S{36}\n$/);
});

test("the same key makes one run", async () => {
  const [first, second] = [await makeRun("--task", "x", "--key", "k"), await makeRun("--task", "x", "--key", "k")];
  expect(second).toEqual(first);
});

test("a run that cannot be made is refused and says why", async () => {
  expect.hasAssertions();
  const create = (...more: string[]) => ["run", "create", "--project", "library", ...more];
  await baton.refused(64, /give --task <title> or --file <file>/, ...create());
  await baton.refused(64, /required option '--project <project>'/, "run", "create", "--task", "x");
  await baton.refused(64, /whole number from 0 to 10/, ...create("--task", "x", "--priority", "11"));
  await baton.refused(64, /Allowed choices are none, required/, ...create("--task", "x", "--approval", "maybe"));
  await baton.refused(66, /no project is called "nothing"/, "run", "create", "--project", "nothing", "--task", "x");
  await baton.refused(65, /\/tasks\/0\/title/, ...create("--task", ""));
  const file = join(api.folder, "broken.json");
  writeFileSync(file, "{");
  await baton.refused(65, /broken.json is not JSON/, ...create("--file", file));
  writeFileSync(file, '[{"title": "x"}, null]');
  await baton.refused(65, /broken.json: \/1 is not a task/, ...create("--file", file));
  // What nobody thought of is a line as well.
  await baton.refused(70, /TypeError: /, ...create("--task", "x", "--key", "✓"));
  writeFileSync(file, '[{"title": "x", "depends_on": [0]}]');
  await baton.refused(65, /Next: mend/, ...create("--file", file));
});

test("runs are listed newest first, page by page", async () => {
  const older = await makeRun("--task", "older");
  const newer = await makeRun("--task", "newer");
  const { items, next_cursor } = await baton.json<{ items: RunView[]; next_cursor: string }>(
    "run",
    "list",
    "--limit",
    "1",
  );
  expect(items.map(({ id }) => id)).toEqual([newer.run.id]);
  const { out } = await baton.run("run", "list", "--limit", "1", "--cursor", next_cursor, "--project", "library");
  expect(out).toMatch(new RegExp(`^ID +STATE +AGE +NAME\n${older.run.id} +active +\\d+ s +older\nmore: --cursor`));
  await baton.refused(64, /Allowed choices/, "run", "list", "--state", "gone");
});

test("a run is shown with its bars and its tasks", async () => {
  const { run, tasks } = await makeRun("--task", "first task", "--task", "second task");
  const shown = await baton.json<{ run: RunView; tasks: TaskView[]; progress: object }>("run", "show", run.id);
  expect(shown).toMatchObject({ run, progress: { total: 2, percent: 0 } });
  expect(shown.tasks.map(({ title }) => title)).toEqual(["first task", "second task"]);
  const { out } = await baton.run("run", "show", run.id);
  expect(out).toMatch(/^first task {2}active {2}0 % {2}0\/2 completed/);
  expect(out).toContain("dev   ▒");
  expect(out).toContain("0/2 passed, 2 here\n");
  expect(out).toContain(`${tasks[1]?.id}  dev    pending  1      second task\n`);
  await baton.refused(66, /Next: look it up/, "run", "show", "0199a000-0000-7000-8000-000000000001");
});

test("a run is paused, resumed and killed, and a killed one is not resumed", async () => {
  const { run } = await makeRun("--task", "x");
  expect((await baton.run("run", "pause", run.id)).out).toBe("Run “x” is paused.\n");
  expect((await baton.run("run", "resume", run.id)).out).toBe("Run “x” is active.\n");
  expect((await baton.run("run", "kill", run.id, "--reason", "enough")).out).toBe(
    "Run “x” is killed. 1 task(s) cancelled.\n",
  );
  expect(await baton.json("run", "show", run.id)).toMatchObject({ run: { reason: "enough" } });
  await baton.refused(75, /Next: look at it/, "run", "resume", run.id);
  await baton.refused(75, /Next: look at it/, "run", "pause", run.id);
  await baton.refused(64, /missing required argument 'run'/, "run", "kill");
});

test("a run that waits for a person is approved once it is ready for it", async () => {
  const { run, tasks } = await makeRun("--task", "x", "--approval", "required");
  await baton.refused(75, /Next: look at it/, "run", "approve", run.id);
  for (let stage = 0; stage < 4; stage += 1) {
    await api.client.call("advanceStage", { params: { id: tasks[0]?.id ?? "" }, body: { result: "pass" } });
  }
  expect((await baton.run("run", "approve", run.id)).out).toBe("Run “x” is completed.\n");
});
