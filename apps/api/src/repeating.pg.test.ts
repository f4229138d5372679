/** Idempotency-Key: repeated calls have one effect and one answer, whatever happens between them. */
import { randomUUID } from "node:crypto";
import { filesIn } from "@baton/store/testing";
import { expect, test } from "vitest";
import { serve } from "./testing/served.ts";
import { claimed, PACKET, project, run } from "./testing/work.ts";

const api = await serve();
const key = () => ({ "idempotency-key": randomUUID() });

async function runsOf(project_id: string): Promise<number> {
  return (await api.producer.ok("listRuns", { query: { project_id } })).items.length;
}

test("the same key and body give the first answer again, byte for byte", async () => {
  const project_id = await project(api);
  const headers = key();
  const body = { project_id, name: "once", tasks: [{ title: "a" }] };
  const first = await api.producer.call("createRun", { body }, headers);
  const again = await api.producer.call("createRun", { body }, headers);
  expect(first.status).toBe(201);
  expect(again).toMatchObject({ status: 201, text: first.text });
  expect(await runsOf(project_id)).toBe(1);
});

test("spelling and order of the JSON make no other request of it", async () => {
  const project_id = await project(api);
  const headers = { ...key(), "content-type": "application/json" };
  const send = (body: string) => api.producer.raw("POST", "/api/features", { body, headers });
  const first = await send(`{"project_id":"${project_id}","title":"x"}`);
  const again = await send(`{ "title": "\\u0078", "project_id": "${project_id}", "description": "" }`);
  expect(again).toMatchObject({ status: 201, text: first.text });
});

test("another body or another path under the same key is 422", async () => {
  const { run: made } = await run(api);
  const body = { project_id: made.project_id, name: "other", tasks: [{ title: "a" }] };
  const { run: other } = await api.producer.ok("createRun", { body });
  const headers = key();
  await api.producer.ok("pauseRun", { params: { id: made.id } }, headers);
  const elsewhere = await api.producer.call("pauseRun", { params: { id: other.id } }, headers);
  expect(elsewhere).toMatchObject({ status: 422, problem: { code: "idempotency_key_reused" } });
  const named = key();
  await api.producer.ok("createProject", { body: { name: "a" } }, named);
  expect(await api.producer.call("createProject", { body: { name: "b" } }, named)).toMatchObject({ status: 422 });
});

test("a key counts for one token and one kind of call", async () => {
  const headers = key();
  const first = await api.producer.ok("createProject", { body: { name: "mine" } }, headers);
  const theirs = await api.admin.ok("createProject", { body: { name: "theirs" } }, headers);
  expect(theirs.project.id).not.toBe(first.project.id);
  const body = { project_id: first.project.id, title: "x" };
  expect((await api.producer.call("createFeature", { body }, headers)).status).toBe(201);
});

test("a refusal is not kept: the same key may try again", async () => {
  const { run: made } = await run(api);
  const headers = key();
  await api.producer.ok("killRun", { params: { id: made.id } });
  expect((await api.producer.call("pauseRun", { params: { id: made.id } }, headers)).status).toBe(409);
  const body = { name: "fine" };
  const named = key();
  expect((await api.producer.raw("POST", "/api/projects", { headers: named, body: "{" })).status).toBe(415);
  expect((await api.producer.call("createProject", { body }, named)).status).toBe(201);
});

test("three at once have one effect, and every answer is the first one or 409", async () => {
  const project_id = await project(api);
  for (let round = 0; round < 10; round += 1) {
    const headers = key();
    const body = { project_id, name: `round ${round}`, tasks: [{ title: "a" }] };
    const answers = await Promise.all([1, 2, 3].map(() => api.producer.call("createRun", { body }, headers)));
    const made = answers.filter((answer) => answer.status === 201);
    expect(new Set(made.map((answer) => answer.text)).size).toBe(1);
    const others = answers.filter((answer) => answer.status !== 201);
    for (const answer of others)
      expect(answer).toMatchObject({ status: 409, problem: { code: "idempotency_in_progress" } });
    const later = await api.producer.call("createRun", { body }, headers);
    expect(later).toMatchObject({ status: 201, text: made[0]?.text });
  }
  expect(await runsOf(project_id)).toBe(10);
});

test("a completion that is repeated counts once and answers the same, though the lease is over", async () => {
  const { tasks } = await run(api, [{ title: "before all others", priority: 10 }]);
  const { lease } = await claimed(api);
  const call = {
    params: { id: lease.id },
    body: { epoch: lease.epoch, result: "pass" as const, packet: PACKET },
  };
  const headers = key();
  const first = await api.agent.call("complete", call, headers);
  const again = await api.agent.call("complete", call, headers);
  expect(again).toMatchObject({ status: 200, text: first.text });
  expect((await api.agent.call("complete", call, key())).status).toBe(410);
  const { items } = await api.admin.ok("timeline", { params: { id: tasks[0]?.id ?? "" } });
  expect(items.map((event) => event.type)).toEqual(["submitted", "claimed", "passed"]);
});

test("a proof that is repeated counts once and answers the same, though the lease is over; any other leaves no bytes", async () => {
  await run(api, [{ title: "before all others", priority: 10 }]);
  const { lease, task } = await claimed(api);
  const said = { lease_id: lease.id, epoch: String(lease.epoch), name: "a.log" };
  const [plain, formed] = [key(), key()];
  const send = (text: string, headers: Record<string, string>) => {
    const path = `/api/tasks/${task.id}/proofs?${new URLSearchParams(said).toString()}`;
    return api.agent.raw("POST", path, { body: text, headers });
  };
  const form = (text: string, headers: Record<string, string>) => {
    const body = new FormData();
    for (const [field, value] of Object.entries(said)) body.append(field, value);
    body.append("file", new Blob([text]), "a.log");
    return api.agent.raw("POST", `/api/tasks/${task.id}/proofs`, { body, headers });
  };
  const first = [await send("1", plain), await form("2", formed)];
  await api.agent.ok("release", { params: { id: lease.id }, body: { epoch: lease.epoch } });
  const files = await filesIn(api.store_folder);
  const again = [await send("1", plain), await form("2", formed)];
  expect(first.map(({ status }) => status)).toEqual([201, 201]);
  expect(again.map(({ status, text }) => [status, text])).toEqual(first.map(({ text }) => [201, text]));
  expect((await send("new", plain)).status).toBe(422);
  const late = [await send("new", key()), await form("new", key()), await send("new", {})];
  expect(late.map(({ status }) => status)).toEqual([410, 410, 410]);
  await expect.poll(() => filesIn(api.store_folder)).toEqual(files);
  expect((await api.admin.ok("taskProofs", { params: { id: task.id } })) as object).toMatchObject({
    items: [{ size_bytes: 1 }, { size_bytes: 1 }],
  });
});

test("a new token is given again to the one who made it, and lies nowhere in the clear", async () => {
  const headers = key();
  const body = { name: "twice", role: "agent" as const };
  const first = await api.admin.ok("createToken", { body }, headers);
  const again = await api.admin.ok("createToken", { body }, headers);
  expect(again).toEqual(first);
  const kept = { name: "kept", text: "select string_agg(body, '') as bodies from idempotency_keys" };
  const [row] = await api.parts.line.db.run<{ bodies: string }>(kept, []);
  expect(row?.bodies).toContain("once");
  expect(row?.bodies).not.toContain(first.token);
});

test("a key that is no key is refused before anything happens", async () => {
  const answer = await api.producer.call("createProject", { body: { name: "x" } }, { "idempotency-key": "two words" });
  expect(answer).toMatchObject({ status: 400, problem: { code: "invalid_request" } });
});

test("an answer without a body is repeated too", async () => {
  const made = await api.admin.ok("createToken", { body: { name: "short-lived", role: "agent" } });
  const headers = key();
  expect((await api.admin.call("revokeToken", { params: { id: made.id } }, headers)).status).toBe(204);
  expect((await api.admin.call("revokeToken", { params: { id: made.id } }, headers)).status).toBe(204);
  expect((await api.admin.call("revokeToken", { params: { id: made.id } })).status).toBe(404);
});
