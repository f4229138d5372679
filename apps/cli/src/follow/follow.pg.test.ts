/** `baton watch` against a real API: lines, JSON, exit codes, a server that goes away and comes back, and Ctrl-C. */
import type { RunView, TaskView } from "@baton/domain/api";
import { beforeAll, expect, test, vi } from "vitest";
import { type ApiProcess, startApiProcess } from "../testing/api-process.ts";
import { batonAt, begin, type Running } from "../testing/baton.ts";
import { LONG, TEST_MS } from "../testing/looking.ts";
import { losingDatabase } from "../testing/losing-database.ts";
import { shutWay } from "../testing/shut-way.ts";
import { answered } from "../testing/started-line.ts";

vi.setConfig({ testTimeout: TEST_MS });

let api: ApiProcess;
let project_id: string;

beforeAll(async () => {
  api = await startApiProcess();
  project_id = (await answered(api.client.call("createProject", { body: { name: "p" } }))).project.id;
  return () => api.end();
});

async function makeRun(...titles: string[]): Promise<{ run: RunView; tasks: TaskView[]; task: TaskView }> {
  const body = { project_id, name: "watched", tasks: titles.map((title) => ({ title })) };
  const made = await answered(api.client.call("createRun", { body }));
  const [task] = made.tasks;
  if (task === undefined) throw new Error("no task");
  return { ...made, task };
}

async function pass({ id }: Pick<TaskView, "id">, times = 4) {
  for (let stage = 0; stage < times; stage += 1) {
    await answered(api.client.call("advanceStage", { params: { id }, body: { result: "pass" } }));
  }
}

const linesOf = (watching: Running) => watching.out().split("\n").slice(0, -1);

test("a run is followed line by line to its end, and its completion is exit code 0", async () => {
  const { run, tasks } = await makeRun("first", "second");
  const watching = begin(api, ["watch", run.id]);
  await expect.poll(() => linesOf(watching), LONG).toEqual(["Run “watched” is active: 0 %, 0/2 completed"]);
  for (const task of tasks) await pass(task);
  const { code, out, err } = await watching.ended;
  expect({ code, err }).toEqual({ code: 0, err: "" });
  const lines = out.split("\n").slice(0, -1);
  expect(lines.filter((line) => /dev +advanced by .*, to qa {2}second$/.test(line))).toHaveLength(1);
  expect(lines.filter((line) => line.includes("advanced by"))).toHaveLength(8);
  expect(lines.at(-1)).toBe("Run “watched” is completed: 100 %, 2/2 completed");
});

test("what happened before is not told, what happens meanwhile is told once, also to programs", async () => {
  const { run, task } = await makeRun("one");
  await pass(task, 2);
  const watching = begin(api, ["watch", run.id, "--json"]);
  await expect.poll(() => linesOf(watching).length, LONG).toBe(1);
  await pass(task, 2);
  expect((await watching.ended).code).toBe(0);
  const all = linesOf(watching).map((line) => JSON.parse(line));
  const changes = all.filter(({ type }) => type === "change");
  expect(changes.map(({ event }) => `${event.type} ${event.from.stage}`)).toEqual(["advanced sec", "advanced docs"]);
  expect(changes[0]).toMatchObject({ task_id: task.id, title: "one" });
  expect(all[0]).toMatchObject({ type: "run", run: { id: run.id, state: "active" }, progress: { percent: 50 } });
  expect(all.at(-1)).toMatchObject({ type: "run", run: { state: "completed" }, progress: { percent: 100 } });
});

test("a run that is killed ends the watch with exit code 1, also one that was killed before", async () => {
  const { run } = await makeRun("x");
  const watching = begin(api, ["watch", run.id]);
  await expect.poll(watching.out, LONG).toContain("is active");
  await answered(api.client.call("killRun", { params: { id: run.id }, body: { reason: "enough" } }));
  const { code, out } = await watching.ended;
  expect(code).toBe(1);
  expect(out).toMatch(/dev +cancelled: .* x\n/);
  expect(out).toContain("is killed");
  const late = await batonAt(api).run("watch", run.id);
  expect(late).toMatchObject({ code: 1, out: expect.stringContaining("is killed") as string });
});

test("a run that is not there is refused", async () => {
  expect.hasAssertions();
  await batonAt(api).refused(66, /Next: look it up/, "watch", "0199a000-0000-7000-8000-000000000001");
});

test("Ctrl-C ends the watch and nothing else", async () => {
  const { run } = await makeRun("x");
  const watching = begin(api, ["watch", run.id]);
  await expect.poll(watching.out, LONG).toContain("is active");
  watching.signal("SIGINT");
  expect(await watching.ended).toMatchObject({ code: 130, err: "" });
  expect((await answered(api.client.call("getRun", { params: { id: run.id } }))).run.state).toBe("active");
});

test("a server that goes away is waited for, and nothing that happened is missed", async () => {
  const { run, task } = await makeRun("x");
  const watching = begin(api, ["watch", run.id]);
  await expect.poll(watching.out, LONG).toContain("is active");
  await api.kill();
  await expect.poll(watching.out, LONG).toMatch(/Nobody answers at \S+ \(ECONNREFUSED\)\. Asking again\.\n/);
  await api.again();
  await pass(task);
  const { code, out } = await watching.ended;
  expect(code).toBe(0);
  expect(out.match(/advanced by/g)).toHaveLength(4);
});

test("what was seen by a look that broke off is told by the next one", async () => {
  const { run, task } = await makeRun("x");
  const way = await shutWay(api.url);
  const watching = begin({ ...api, url: way.url }, ["watch", run.id]);
  await expect.poll(watching.out, LONG).toContain("is active");
  way.shut(/task-progress/);
  await pass(task, 2);
  const brokeOffAfterNews = () => {
    const news = way.asked.findIndex((path) => path.includes("/timeline"));
    return news !== -1 && way.asked.slice(news).some((path) => path.includes("task-progress"));
  };
  await expect.poll(brokeOffAfterNews, LONG).toBe(true);
  await expect.poll(watching.out, LONG).toContain("Nobody answers");
  way.open();
  await pass(task, 2);
  const { code, out } = await watching.ended;
  expect(code).toBe(0);
  expect(out.match(/advanced by/g)).toHaveLength(4);
});

test("a database that goes away is waited for", async () => {
  const { api: there, cut, mend } = await losingDatabase();
  const { client } = there;
  const { project } = await answered(client.call("createProject", { body: { name: "p" } }));
  const body = { project_id: project.id, name: "watched", tasks: [{ title: "x" }] };
  const { run } = await answered(client.call("createRun", { body }));
  const watching = begin(there, ["watch", run.id]);
  await expect.poll(watching.out, LONG).toContain("is active");
  cut();
  await expect.poll(watching.out, LONG).toMatch(/The database does not answer\. .*Asking again\.\n/);
  mend();
  await answered(client.call("killRun", { params: { id: run.id }, body: {} }));
  expect(await watching.ended).toMatchObject({ code: 1, err: "" });
  expect(watching.out()).toContain("is killed");
});
