/** Proofs over HTTP: as a body and as a form, from people and from agents; whatever is wrong is refused and leaves nothing. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { ClaimedLease, ProblemView, ProofAnswer } from "@baton/domain/api";
import { filesIn, flipByte } from "@baton/store/testing";
import { expect, test } from "vitest";
import { rawly } from "./testing/rawly.ts";
import { serve, stranger, tokenOf } from "./testing/served.ts";
import { claimed, run } from "./testing/work.ts";

const LIMIT = 100_000;
const api = await serve({ uploads: { limit_bytes: LIMIT, silence_ms: 400, whole_ms: 1_500 } });

const sha256 = (bytes: string | Uint8Array) => createHash("sha256").update(bytes).digest("hex");

async function task(): Promise<string> {
  const { tasks } = await run(api);
  return tasks[0]?.id ?? "";
}

const pathOf = (id: string, query: Record<string, string> = {}) =>
  `/api/tasks/${id}/proofs?${new URLSearchParams(query).toString()}`;

type Fields = Record<string, string>;

function formOf(
  text: string | Uint8Array<ArrayBuffer>,
  name = "build.log",
  fields: Fields = {},
  type = "text/plain",
): FormData {
  const form = new FormData();
  for (const [field, value] of Object.entries(fields)) form.append(field, value);
  form.append("file", new Blob([text], { type }), name);
  return form;
}

const send = (id: string, body: FormData | string, query: Fields = {}, headers: Fields = {}, who = api.producer) =>
  who.raw("POST", pathOf(id, query), { body, headers });

const proofIn = ({ status, text, body }: { status: number; text: string; body: unknown }) => {
  if (status > 201) throw new Error(`${status} ${text}`);
  return (body as ProofAnswer).proof;
};

/** The number of proofs in the database and all files of the store. */
async function left() {
  const text = "select count(*) as count from proofs";
  const [row] = await api.parts.line.db.run<{ count: number }>({ name: "count_proofs", text }, []);
  return { rows: row?.count, files: await filesIn(api.store_folder) };
}

async function leavesNothing(work: () => Promise<void>): Promise<void> {
  const before = await left();
  await work();
  await expect.poll(left).toEqual(before);
}

/** Its status, and where the faults are. */
async function refusal(answer: ReturnType<typeof send>): Promise<string> {
  const { status, body } = await answer;
  const { status: told, errors = [] } = body as ProblemView;
  if (told !== status) throw new Error(`the problem says ${told}, the answer ${status}`);
  return [status, ...errors.map(({ pointer }) => pointer)].join(" ");
}

test("a form's file goes in with its fields, before or after it, and comes out as an attachment", async () => {
  const id = await task();
  const form = formOf("<b>1</b>", "résumé 100%.html", { summary: "all is well 🎉" }, "text/html");
  form.append("stage", "qa");
  const made = await send(id, form);
  expect(made.status).toBe(201);
  const proof = proofIn(made);
  expect(proof).toMatchObject({
    ...{ kind: "report", name: "résumé 100%.html", summary: "all is well 🎉", stage: "qa", media_type: "text/html" },
    ...{ source: "person", created_by: "a producer", checksum: sha256("<b>1</b>"), size_bytes: 8, task_id: id },
  });
  const got = await api.producer.raw("GET", `/api/tasks/${id}/proofs/${proof.id}/download`);
  expect(got).toMatchObject({ status: 200, text: "<b>1</b>" });
  expect(Object.fromEntries(got.headers)).toMatchObject({
    ...{ "x-content-type-options": "nosniff", etag: `"${proof.checksum}"`, "content-length": "8" },
    "content-disposition": expect.stringMatching(/^attachment; /),
    "content-security-policy": expect.stringContaining("sandbox"),
  });
});

test("a file goes in as the body, with what is said of it in the query", async () => {
  const id = await task();
  const query = { name: "shot.bin", kind: "screenshot", summary: "the start page", stage: "dev" };
  const made = await send(id, "bytes", query, { "content-type": "image/png", "x-checksum-sha256": sha256("bytes") });
  expect(proofIn(made)).toMatchObject({ ...query, media_type: "image/png", size_bytes: 5 });
  const { items } = (await api.producer.ok("taskProofs", { params: { id } })) as { items: unknown[] };
  expect(items).toEqual([proofIn(made)]);
});

test("an agent leaves proofs under its lease, and nothing any more when the lease is lost", async () => {
  const id = await task();
  const { lease }: ClaimedLease = await claimed(api);
  const held = { lease_id: lease.id, epoch: String(lease.epoch) };
  expect(proofIn(await send(id, formOf("1", "a.log", held), {}, {}, api.agent))).toMatchObject({
    ...{ source: "agent", created_by: "agent-1", stage: "dev", visit: 1, lease_id: lease.id },
  });
  await leavesNothing(async () => {
    expect(await refusal(send(id, formOf("2"), {}, {}, api.agent))).toContain("400 /query/lease_id");
    expect(await refusal(send(id, formOf("2", "a", { lease_id: lease.id }), {}, {}, api.agent))).toContain(
      "400 /form/epoch",
    );
    expect(await refusal(send(id, formOf("2", "a", { ...held, epoch: "99" }), {}, {}, api.agent))).toMatch(/^410/);
    expect(await refusal(send(id, formOf("2", "a", { ...held, origin: "x" }), {}, {}, api.agent))).toMatch(/^403/);
    expect(await refusal(send(id, formOf("2", "a", held)))).toMatch(/^403/);
    await api.agent.ok("release", { params: { id: lease.id }, body: { epoch: lease.epoch } });
    expect(await refusal(send(id, "2", { ...held, name: "a" }, {}, api.agent))).toMatch(/^410/);
  });
});

test("another agent's task, another workspace's task and a task that is not there are the same 404", async () => {
  const id = await task();
  const { lease } = await claimed(api);
  const proof = proofIn(await send(id, formOf("1")));
  const other = api.as(await tokenOf(api.admin, "agent"));
  const away = await stranger(api);
  const held = { lease_id: lease.id, epoch: String(lease.epoch) };
  await leavesNothing(async () => {
    expect(await refusal(send(id, formOf("2", "a", held), {}, {}, other))).toMatch(/^404/);
    expect(await refusal(send(id, formOf("2"), {}, {}, away))).toMatch(/^404/);
    expect(await refusal(send(proof.id, formOf("2")))).toMatch(/^404/);
  });
  const reads = [`/api/tasks/${id}/proof-history`, `/api/tasks/${id}/proofs/${proof.id}/download`];
  for (const path of reads) {
    const statuses = [api.admin, api.agent, other, away, api.as(null)].map(
      async (who) => (await who.raw("GET", path)).status,
    );
    expect(await Promise.all(statuses)).toEqual([200, 200, 404, 404, 401]);
  }
  const project = `/api/projects/${proof.project_id}/proof-history`;
  const statuses = [api.producer, api.agent, away].map(async (who) => (await who.raw("GET", project)).status);
  expect(await Promise.all(statuses)).toEqual([200, 403, 404]);
  expect((await api.producer.raw("GET", `/api/tasks/${await task()}/proofs/${proof.id}/download`)).status).toBe(404);
});

test("a name that is no file name is refused in a form and in a query", async () => {
  const id = await task();
  await leavesNothing(async () => {
    for (const name of ["../x", "/etc/passwd", "a\\b", "..", "x".repeat(256), "x".repeat(5_000), "a\u2028b"]) {
      expect(await refusal(send(id, formOf("1", name)))).toMatch(/^400/);
      expect(await refusal(send(id, "1", { name }))).toContain("400 /query/name");
      expect(await refusal(send(id, formOf("1", "a", { name })))).toContain("400 /form/name");
    }
    expect(await refusal(send(id, "1", { name: "a\0b" }))).toContain("400 /query/name");
    expect(await refusal(send(id, "1"))).toContain("400 /query/name");
  });
});

test("a form must carry one file, in its field, and no fields that nobody knows", async () => {
  const id = await task();
  const two = formOf("1");
  two.append("file", new Blob(["2"]), "b");
  const wrong = new FormData();
  wrong.append("upload", new Blob(["1"]), "a");
  const none = new FormData();
  none.append("summary", "x");
  const text = new FormData();
  text.append("file", "not a file");
  const twice = formOf("1", "a", { stage: "dev" });
  twice.append("stage", "qa");
  await leavesNothing(async () => {
    expect(await refusal(send(id, two))).toMatch(/^400/);
    expect(await refusal(send(id, wrong))).toContain("400 /form/upload");
    expect(await refusal(send(id, none))).toContain("400 /form/file");
    expect(await refusal(send(id, text))).toMatch(/^400/);
    expect(await refusal(send(id, twice))).toContain("400 /form/stage");
    expect(await refusal(send(id, formOf("1", "a", { surprise: "x" })))).toContain("400 /form/surprise");
    expect(await refusal(send(id, formOf("1", "a", { "a[b][c]": "x" })))).toMatch(/^400/);
    expect(await refusal(send(id, formOf("1", "a", { __proto__x: "x" })))).toMatch(/^400/);
    expect(await refusal(send(id, formOf("1", "a", { kind: "rumour" })))).toContain("400 /form/kind");
    expect(await refusal(send(id, formOf("1", "a", { summary: "a\nb" })))).toContain("400 /form/summary");
    expect(await refusal(send(id, formOf("1", "a", { summary: "x".repeat(9_000) })))).toMatch(/^400/);
    expect(await refusal(send(id, formOf("1", "a", { kind: "log" }), { kind: "log" }))).toContain("400 /form/kind");
    expect(await refusal(send(id, formOf("")))).toMatch(/^400/);
    expect(await refusal(send(id, "", { name: "a" }))).toMatch(/^400/);
  });
});

test("what only calls itself a form is refused", async () => {
  const id = await task();
  const post = (body: string, type: string) => send(id, body, {}, { "content-type": type });
  await leavesNothing(async () => {
    expect(await refusal(post("hello", "multipart/form-data"))).toMatch(/^400/);
    expect(await refusal(post("hello", "multipart/form-data; boundary=x"))).toMatch(/^400/);
    expect(await refusal(post("--x\r\nnonsense\r\n\r\n1\r\n--x--\r\n", "multipart/form-data; boundary=x"))).toMatch(
      /^400/,
    );
    expect(
      await refusal(
        post(
          '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf',
          "multipart/form-data; boundary=x",
        ),
      ),
    ).toMatch(/^400/);
  });
});

test("a checksum that is not the file's is refused, and so is one that is of the form", async () => {
  const id = await task();
  await leavesNothing(async () => {
    expect(await refusal(send(id, formOf("1"), {}, { "x-checksum-sha256": sha256("2") }))).toMatch(/^422/);
    expect(await refusal(send(id, "1", { name: "a" }, { "x-checksum-sha256": sha256("2") }))).toMatch(/^422/);
    expect(await refusal(send(id, formOf("1"), {}, { "x-checksum-sha256": "abc" }))).toMatch(/^400/);
    expect(
      await refusal(
        send(id, formOf("1"), {}, { digest: `sha-256=${Buffer.from(sha256("1"), "hex").toString("base64")}` }),
      ),
    ).toMatch(/^400/);
  });
  expect((await send(id, formOf("1"), {}, { "x-checksum-sha256": sha256("1") })).status).toBe(201);
});

test("a file that is too large is refused, whether it says so or not, and one of the greatest size is taken", async () => {
  const id = await task();
  const whole = new Uint8Array(LIMIT).fill(7);
  const head = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n';
  const chunked = { "transfer-encoding": "chunked", "content-type": "multipart/form-data; boundary=x" };
  await leavesNothing(async () => {
    expect(await refusal(send(id, formOf(new Uint8Array(LIMIT + 1))))).toMatch(/^413/);
    expect(await refusal(send(id, formOf(new Uint8Array(LIMIT + 2_000_000))))).toMatch(/^413/);
    const endless = `${head}${"x".repeat(LIMIT * 3)}`;
    const answer = await rawly(api.url, "POST", pathOf(id), api.admin_token, endless, chunked, "drip");
    expect(answer.status).toBe(413);
  });
  expect(proofIn(await send(id, formOf(whole)))).toMatchObject({ size_bytes: LIMIT });
});

test("a caller that falls silent, goes away or never comes to an end leaves nothing", async () => {
  const id = await task();
  const half = '--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhalf';
  const headers = { "content-type": "multipart/form-data; boundary=x", "content-length": "5000" };
  const say = (then: "stay" | "leave" | "drip") =>
    rawly(api.url, "POST", pathOf(id), api.admin_token, half, headers, then);
  await leavesNothing(async () => {
    expect((await say("stay")).status).toBe(408);
    await expect(say("leave")).rejects.toThrow();
    expect((await say("drip")).status).toBe(408);
  });
  expect((await send(id, formOf("1"))).status).toBe(201);
});

test("a repeated request with its key is one proof; the key with another file is refused", async () => {
  const id = await task();
  const key = { "idempotency-key": "proof-1" };
  const first = await send(id, formOf("1"), {}, key);
  const again = await send(id, formOf("1"), {}, key);
  expect([first.status, again.status, again.body]).toEqual([201, 201, first.body]);
  expect(await refusal(send(id, formOf("2"), {}, key))).toMatch(/^422/);
  expect(await refusal(send(id, formOf("1"), {}, { "idempotency-key": "ä b" }))).toMatch(/^400/);
  expect(await api.producer.ok("taskProofs", { params: { id } })).toMatchObject({ items: [proofIn(first)] });
});

test("a file taken in from where it lay is taken in once", async () => {
  const id = await task();
  const first = await send(id, formOf("1", "a.log", { origin: "old/a.log" }));
  const again = await send(id, "1", { name: "a.log", origin: "old/a.log" });
  expect([first.status, again.status, again.body]).toEqual([201, 200, first.body]);
});

test("the history comes in pages, filtered, or as a few lines of text within a budget", async () => {
  const id = await task();
  for (const name of ["a.log", "b.diff", "c.log"]) proofIn(await send(id, formOf(name, name)));
  const list = (query: Fields) => api.producer.ok("taskProofs", { params: { id }, query });
  const first = (await list({ limit: "2" })) as { items: { name: string }[]; next_cursor: string };
  expect(first.items.map(({ name }) => name)).toEqual(["c.log", "b.diff"]);
  expect(await list({ limit: "2", cursor: first.next_cursor })).toMatchObject({
    items: [{ name: "a.log" }],
    next_cursor: null,
  });
  expect(await list({ kind: "code_diff" })).toMatchObject({ items: [{ name: "b.diff" }] });
  const context = await api.producer.raw("GET", `/api/tasks/${id}/proof-history?format=context&budget=2000`);
  expect(context.headers.get("content-type")).toMatch(/^text\/plain; charset=utf-8$/);
  expect(context.text).toMatch(/^log: c\.log \(c\.log, 5 B, .{8}\)\ncode_diff: b\.diff .*\nlog: a\.log .*\n$/);
  expect(await list({ format: "context", budget: "10" })).toMatch(/^log: c\.log [^\n]*\n$/);
  expect(await list({ format: "context", kind: "screenshot" })).toBe("");
  for (const query of ["format=xml", "budget=0", "budget=x", "budget=99999", "kind=rumour", "limit=0"]) {
    expect((await api.producer.raw("GET", `/api/tasks/${id}/proof-history?${query}`)).status).toBe(400);
  }
});

test("a byte flipped on disk breaks the download", async () => {
  const id = await task();
  const proof = proofIn(await send(id, formOf(new Uint8Array(LIMIT).fill(3))));
  const { checksum } = proof;
  await flipByte(join(api.store_folder, checksum.slice(0, 2), checksum.slice(2, 4), checksum), LIMIT - 1);
  const path = `/api/tasks/${id}/proofs/${proof.id}/download`;
  await expect(api.producer.raw("GET", path)).rejects.toThrow();
  await api.parts.line.store.remove(checksum);
  expect(await refusal(api.producer.raw("GET", path))).toMatch(/^500/);
});
