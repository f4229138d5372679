/** `baton task`, `queue`, `status` and `messages` as a user types them, against a real API: each once well and once wrong. */
import type { ExplainView, QueueView, StatusView, TaskView } from "@baton/domain/api";
import { beforeAll, expect, test, vi } from "vitest";
import { type ApiProcess, startApiProcess } from "../testing/api-process.ts";
import { batonAt, begin } from "../testing/baton.ts";
import { TEST_MS } from "../testing/looking.ts";
import { losingDatabase } from "../testing/losing-database.ts";
import { answered } from "../testing/started-line.ts";

// Each command is a process of its own.
vi.setConfig({ testTimeout: TEST_MS });

const UNKNOWN = "0199a000-0000-7000-8000-000000000001";

let api: ApiProcess;
let baton: ReturnType<typeof batonAt>;
let project_id: string;

beforeAll(async () => {
  api = await startApiProcess();
  baton = batonAt(api);
  project_id = (await answered(api.client.call("createProject", { body: { name: "p" } }))).project.id;
  return () => api.end();
});

async function sendTask(title: string, description = ""): Promise<TaskView> {
  const body = { project_id, name: "r", tasks: [{ title, description, acceptance_criteria: ["it holds"] }] };
  const { tasks } = await answered(api.client.call("createRun", { body }));
  const [task] = tasks;
  if (task === undefined) throw new Error("no task");
  return task;
}

async function claim() {
  const body = { claim_id: crypto.randomUUID(), stages: ["dev" as const], agent: { id: "agent-1" } };
  return (await answered(api.client.call("claim", { body }))).lease;
}

test("a task is shown with its texts, found by the beginning of its id", async () => {
  const task = await sendTask("Handle empty input", "parse() throws.\nIt should not.");
  expect(await baton.json("task", "show", task.id)).toEqual({ task });
  const { out } = await baton.run("task", "show", task.id.slice(0, 34).toUpperCase());
  expect(out).toMatch(/^Handle empty input {2}pending\nstage {5}dev, visit 1, attempt 0\n/);
  expect(out).toContain("used up   0/3 loop-backs, 0/3 failed, 0/3 crashed\n");
  expect(out).toContain(`branch    ${task.branch}\n`);
  expect(out).toContain("\n\nparse() throws.\nIt should not.\n- it holds\n");
});

test("what could be several tasks is refused with those that it could be", async () => {
  expect.hasAssertions();
  const [first, second] = [await sendTask("first"), await sendTask("second")];
  const beginning = first.id.slice(0, 6);
  await baton.refused(65, new RegExp(`could be several: .*${second.id} \\(second\\)`), "task", "show", beginning);
  await baton.refused(65, /give at least 6 characters/, "task", "show", "0199a");
  await baton.refused(65, /is not the id of a task/, "task", "show", "no-such-thing");
  await baton.refused(66, /no task has an id that begins with 000000/, "task", "show", "000000");
  await baton.refused(66, /Next: look it up/, "task", "show", UNKNOWN);
});

test("a task is moved on and back by hand, and its timeline tells it", async () => {
  const { id } = await sendTask("moved");
  expect((await baton.run("task", "advance", id, "pass")).out).toBe("Task “moved” is pending at qa, visit 1.\n");
  expect((await baton.run("task", "advance", id, "fail", "--notes", "no good")).out).toBe(
    "Task “moved” is pending at dev, visit 2.\n",
  );
  const { items } = await baton.json<{ items: { type: string }[] }>("task", "timeline", id);
  expect(items.map(({ type }) => type)).toEqual(["submitted", "advanced", "sent_back"]);
  const { out } = await baton.run("task", "timeline", id);
  expect(out).toMatch(/^AT \(UTC\) +WHAT +BY +STAGE +STATE +NOTE\n/);
  expect(out).toMatch(/sent_back .* qa → dev +pending +\[loop_back\]/);
  await baton.refused(64, /Allowed choices are pass, fail/, "task", "advance", id, "maybe");
  await baton.refused(66, /Next: look it up/, "task", "timeline", UNKNOWN);
});

test("a task that somebody holds is explained, and not moved by hand", async () => {
  const { id } = await sendTask("held");
  for (let lease = await claim(); lease.task_id !== id; lease = await claim());
  await baton.refused(75, /Next: ask "baton task explain <task>" why/, "task", "advance", id, "pass");
  const why = await baton.json<ExplainView>("task", "explain", id);
  expect(why.holder).toMatchObject({ agent_id: "agent-1", alive: true });
  const { out } = await baton.run("task", "explain", id);
  expect(out).toMatch(/\nheld by agent-1 for \d+ s \(alive, heard of \d+ s ago\)\n/);
  expect(out).toMatch(/\nSTAGE +TRY +AGENT +OUTCOME +AGO +MESSAGE\ndev +1\.1 +agent-1 +working/);
  await baton.refused(66, /Next: look it up/, "task", "explain", UNKNOWN);
});

test("a task is cancelled and reopened, and neither twice", async () => {
  const { id } = await sendTask("off and on");
  expect((await baton.run("task", "cancel", id, "--reason", "later")).out).toContain("is cancelled at dev");
  await baton.refused(75, /Allowed: .*reopen.* Next:/, "task", "cancel", id);
  expect((await baton.run("task", "reopen", id)).out).toContain("is pending at dev");
  await baton.refused(75, /Next:/, "task", "reopen", id);
});

test("a message is left for the holder, who hears it once", async () => {
  const { id } = await sendTask("spoken to");
  expect((await baton.run("messages", id)).out).toBe("There are no messages.\n");
  expect((await baton.run("messages", id, "mind", "the gap")).out).toBe("Left for the holder's next heartbeat.\n");
  let lease = await claim();
  while (lease.task_id !== id) lease = await claim();
  const beat = { params: { id: lease.id }, body: { epoch: lease.epoch } };
  expect((await answered(api.client.call("heartbeat", beat))).messages).toMatchObject([{ text: "mind the gap" }]);
  expect((await baton.run("messages", id)).out).toMatch(/^AGO +BY +HEARD +TEXT\n\d+ s +\S.* +yes +mind the gap\n$/);
  expect(await baton.json("messages", id)).toMatchObject({ items: [{ text: "mind the gap", lease_id: lease.id }] });
  await baton.refused(66, /Next: look it up/, "messages", UNKNOWN, "hello");
});

test("the queue is what would be claimed, in that order", async () => {
  const project = await answered(api.client.call("createProject", { body: { name: "q" } }));
  const tasks = [
    { title: "low", priority: 1 },
    { title: "high", priority: 9 },
  ];
  const body = { project_id: project.project.id, name: "q", tasks };
  const { run } = await answered(api.client.call("createRun", { body }));
  const { items } = await baton.json<QueueView>("queue", "--run", run.id);
  expect(items.map(({ title }) => title)).toEqual(["high", "low"]);
  const { out } = await baton.run("queue", "--run", run.id, "--stage", "dev", "--limit", "1");
  expect(out).toMatch(/^TASK +STAGE +PRIORITY +READY FOR +TITLE\n\S{36} +dev +9 +\d+ s +high\n$/);
  expect((await baton.run("queue", "--run", run.id, "--stage", "docs")).out).toBe("Nothing is ready.\n");
  await baton.refused(64, /Allowed choices are dev, qa, sec, docs/, "queue", "--stage", "test");
});

test("the status tells back ends and stages", async () => {
  const status = await baton.json<StatusView>("status");
  expect(status).toMatchObject({ database: { ok: true }, queue: { ok: true, backend: "postgres" } });
  const { out } = await baton.run("status");
  expect(out).toMatch(
    /^Baton \S+\ndatabase ok\nqueue {4}ok \(postgres\)\n\nSTAGE +READY +RUNNING +TICKETS +OLDEST\ndev +\d/,
  );
});

test("a database that is away is a status and ends with 1, also for programs", async () => {
  const { api, cut } = await losingDatabase();
  cut();
  const said = await batonAt(api).run("status");
  expect(said).toEqual({ code: 1, out: "database away: it does not answer\n", err: "" });
  const { code, out, err } = await batonAt(api).run("status", "--json");
  expect([code, JSON.parse(out), err]).toEqual([1, { database: { ok: false } }, ""]);
});

test("whoever has no token, a wrong one or the wrong role is told what to do", async () => {
  const { token } = await answered(api.client.call("createToken", { body: { name: "a", role: "agent" } }));
  const stranger = batonAt({ url: api.url, token: "nobody" });
  await stranger.refused(77, /Next: set BATON_TOKEN/, "queue");
  await batonAt({ url: api.url, token }).refused(77, /Next: set BATON_TOKEN to a token whose role may/, "queue");
  const none = begin(api, ["queue"], { env: { BATON_TOKEN: "", BATON_DATA_DIR: "/nowhere" } });
  expect(await none.ended).toMatchObject({
    code: 77,
    err: expect.stringMatching(/no token: set BATON_TOKEN/) as string,
  });
  const broken = begin(api, ["queue"], { env: { BATON_TOKEN: "a\nb" } });
  expect(await broken.ended).toMatchObject({ code: 78, err: expect.stringMatching(/^baton: the token has/) as string });
});

test("where nobody answers it is said in one line, with what to do", async () => {
  expect.hasAssertions();
  const nobody = batonAt({ url: "http://127.0.0.1:9", token: "x" });
  await nobody.refused(69, /^baton: Nobody answers at http:\/\/127.0.0.1:9.*Next: start it/, "status");
});
