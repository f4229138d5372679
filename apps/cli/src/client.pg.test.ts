/** The typed client against a real API whose answers are lost, whose connections are cut and which dies: whatever it is asked for happens once. */
import { randomUUID } from "node:crypto";
import { text } from "node:stream/consumers";
import { openClient, ServerAway } from "@baton/client";
import { startProxy } from "@baton/queue/testing";
import { beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { type ApiProcess, startApiProcess } from "./testing/api-process.ts";
import { TEST_MS } from "./testing/looking.ts";
import { losingProxy } from "./testing/losing-proxy.ts";
import { answered } from "./testing/started-line.ts";

vi.setConfig({ testTimeout: TEST_MS });

let api: ApiProcess;
let project_id: string;

beforeAll(async () => {
  api = await startApiProcess();
  project_id = (await answered(api.client.call("createProject", { body: { name: "p" } }))).project.id;
  return () => api.end();
});

async function sendTask(title = "x"): Promise<string> {
  const body = { project_id, name: title, tasks: [{ title }] };
  return (await answered(api.client.call("createRun", { body }))).tasks[0]?.id ?? "";
}

const claimBody = (wait_s = 0) => ({ claim_id: randomUUID(), stages: ["dev" as const], agent: { id: "a" }, wait_s });

/** Tasks that other tests left would be claimed first. */
async function emptyLine() {
  const { items } = await answered(api.client.call("readyTasks", { query: { limit: 200 } }));
  for (const { id } of items) await answered(api.client.call("cancelTask", { params: { id } }));
}

/** A client that loses the answer to each of its calls twice. */
async function losingClient() {
  const proxy = await losingProxy(api.url);
  const client = openClient({ url: proxy.url, token: api.token });
  const losing = <T>(call: () => T): T => {
    expect(proxy.left()).toBe(0);
    proxy.lose(2);
    return call();
  };
  return { client, losing, proxy };
}

test("whatever is made, is made once, however often its answer is lost", async () => {
  const { client, losing, proxy } = await losingClient();
  const name = randomUUID();
  const made = await losing(() => answered(client.call("createProject", { body: { name } })));
  const body = { project_id: made.project.id, name, tasks: [{ title: name }] };
  const { run, tasks } = await losing(() => answered(client.call("createRun", { body })));
  const token = await losing(() => answered(client.call("createToken", { body: { name, role: "agent" } })));
  const params = { id: tasks[0]?.id ?? "" };
  await losing(() => answered(client.call("postMessage", { params, body: { text: name } })));
  await losing(() => answered(client.call("advanceStage", { params, body: { result: "pass" } })));
  expect(proxy.left()).toBe(0);

  const projects = await answered(api.client.call("listProjects", { query: { limit: 200 } }));
  expect(projects.items.filter((one) => one.name === name)).toHaveLength(1);
  const runs = await answered(api.client.call("listRuns", { query: { project_id: made.project.id } }));
  expect(runs.items.map(({ id }) => id)).toEqual([run.id]);
  const tokens = await answered(api.client.call("listTokens", { query: { limit: 200 } }));
  expect(tokens.items.filter((one) => one.name === name)).toHaveLength(1);
  expect((await openClient({ url: api.url, token: token.token }).call("claim", { body: claimBody() })).ok).toBe(true);
  expect((await answered(api.client.call("listMessages", { params }))).items).toHaveLength(1);
  const { items } = await answered(api.client.call("timeline", { params }));
  expect(items.map(({ type }) => type)).toEqual(["submitted", "advanced"]);
});

test("a lease, its file and its completion are one each, however often their answers are lost", async () => {
  await emptyLine();
  const task_id = await sendTask();
  const { client, losing } = await losingClient();
  const { lease } = await losing(() => answered(client.call("claim", { body: claimBody() })));
  expect(lease).toMatchObject({ task_id, attempt: 1 });
  const held = { id: lease.id };
  const file = new Blob(["what was done"]);
  const at = { params: { ...held, name: "notes über alles.txt" }, query: { epoch: lease.epoch } };
  const { artifact } = await losing(() => answered(client.call("putArtifact", { ...at, file })));
  const packet = { output_summary: "done" };
  const body = { epoch: lease.epoch, result: "pass" as const, packet };
  const { task } = await losing(() => answered(client.call("complete", { params: held, body })));
  expect(task).toMatchObject({ id: task_id, stage: "qa", visit: 1 });

  const fetched = await losing(() => answered(client.call("getArtifact", { params: { id: artifact.id } })));
  expect(await text(fetched)).toBe("what was done");
  const { items } = await answered(api.client.call("timeline", { params: { id: task_id } }));
  expect(items.map(({ type }) => type)).toEqual(["submitted", "claimed", "passed"]);
  const manifest = await answered(api.client.call("manifest", { params: { id: task_id } }));
  expect(manifest.artifacts.map(({ id }) => id)).toEqual([artifact.id]);
});

test("a long poll whose connection is cut gets the lease all the same, once", async () => {
  await emptyLine();
  const seen = await losingProxy(api.url);
  const proxy = await startProxy(seen.url, 80);
  onTestFinished(() => proxy.close());
  const client = openClient({ url: proxy.url, token: api.token });
  const polling = client.call("claim", { body: claimBody(25) });
  await expect.poll(seen.asked).toBeGreaterThan(0);
  await proxy.cut();
  const task_id = await sendTask();
  await proxy.heal();
  expect((await answered(polling)).lease).toMatchObject({ task_id, attempt: 1 });
});

test("a long poll survives a server that is killed and started again", async () => {
  await emptyLine();
  const seen = await losingProxy(api.url);
  const polling = openClient({ url: seen.url, token: api.token }).call("claim", { body: claimBody(25) });
  await expect.poll(seen.asked).toBeGreaterThan(0);
  await api.kill();
  await api.again();
  const task_id = await sendTask();
  expect((await answered(polling)).lease).toMatchObject({ task_id, attempt: 1 });
});

test("a call that is made while the server is away is done once it is back", async () => {
  await api.kill();
  const body = { project_id, name: randomUUID(), tasks: [{ title: "x" }] };
  const calling = api.client.call("createRun", { body });
  await api.again();
  const { run } = await answered(calling);
  const { items } = await answered(api.client.call("listRuns", { query: { project_id, limit: 200 } }));
  expect(items.filter(({ name }) => name === run.name)).toHaveLength(1);
});

test("who hangs up gets no lease, and leaves the task to others", async () => {
  await emptyLine();
  const hang_up = new AbortController();
  const reason = new Error("enough");
  const seen = await losingProxy(api.url);
  const client = openClient({ url: seen.url, token: api.token });
  const polling = client.call("claim", { body: claimBody(25), signal: hang_up.signal });
  await expect.poll(seen.asked).toBeGreaterThan(0);
  hang_up.abort(reason);
  await expect(polling).rejects.toBe(reason);
  const task_id = await sendTask();
  expect((await answered(api.client.call("claim", { body: claimBody(25) }))).lease).toMatchObject({
    task_id,
    attempt: 1,
  });
});

test("a server that freezes in the middle of a file breaks it off for whoever hangs up", async () => {
  await emptyLine();
  await sendTask();
  const { lease } = await answered(api.client.call("claim", { body: claimBody() }));
  const at = { params: { id: lease.id, name: "big" }, query: { epoch: lease.epoch } };
  const { artifact } = await answered(
    api.client.call("putArtifact", { ...at, file: new Blob(["x".repeat(20_000_000)]) }),
  );
  const proxy = await startProxy(api.url, 80);
  onTestFinished(() => proxy.close());
  const client = openClient({ url: proxy.url, token: api.token });
  const hang_up = new AbortController();
  const file = await answered(client.call("getArtifact", { params: { id: artifact.id }, signal: hang_up.signal }));
  proxy.freeze();
  const reading = text(file);
  hang_up.abort(new Error("enough"));
  await expect(reading).rejects.toThrow(/enough|abort/i);
});

test("a limit that takes longer than patience is given as it is", async () => {
  const client = openClient({ url: api.url, token: api.token, patience_ms: 500 });
  let answer = await client.call("login", { body: { token: "wrong" } });
  for (let tries = 0; tries < 10; tries += 1) answer = await client.call("login", { body: { token: "wrong" } });
  expect(answer).toMatchObject({ ok: false, status: 429, problem: { code: "rate_limited", retry_after_s: 60 } });
});

test("where nobody listens that is said once patience is over", async () => {
  const client = openClient({ url: "http://127.0.0.1:9", token: "x", patience_ms: 300 });
  await expect(client.call("listRuns", { query: {} })).rejects.toThrow(ServerAway);
});
