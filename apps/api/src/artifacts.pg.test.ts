/** Artifacts over HTTP: what goes in comes out, and whatever is wrong with it is refused and leaves nothing. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ATTEMPT_MAX_ARTIFACTS } from "@baton/domain";
import type { ArtifactAnswer, ClaimedLease } from "@baton/domain/api";
import { filesIn, flipByte } from "@baton/store/testing";
import { expect, test } from "vitest";
import { rawly } from "./testing/rawly.ts";
import { serve, stranger, tokenOf } from "./testing/served.ts";
import { claimed, pass, run } from "./testing/work.ts";

const LIMIT = 100_000;
const api = await serve({ uploads: { limit_bytes: LIMIT, silence_ms: 400, whole_ms: 1_500, body_ms: 300 } });

const sha256 = (bytes: string | Buffer) => createHash("sha256").update(bytes).digest();

async function held(): Promise<ClaimedLease> {
  await run(api);
  return claimed(api);
}

const pathOf = ({ lease }: ClaimedLease, name = "a.txt") =>
  `/api/leases/${lease.id}/artifacts/${name}?epoch=${lease.epoch}`;

const put = (path: string, body: string | Buffer = "hello", headers: Record<string, string> = {}) =>
  api.agent.raw("PUT", path, { body: typeof body === "string" ? body : new Uint8Array(body), headers });

const artifactIn = ({ body }: { body: unknown }) => (body as ArtifactAnswer).artifact;

/** The number of artifacts in the database and all files of the store. */
async function left() {
  const text = "select count(*) as count from artifacts";
  const [row] = await api.parts.line.db.run<{ count: number }>({ name: "count_artifacts", text }, []);
  return { rows: row?.count, files: await filesIn(api.store_folder) };
}

async function leavesNothing(work: () => Promise<void>): Promise<void> {
  const before = await left();
  await work();
  await expect.poll(left).toEqual(before);
}

test("a file goes in, and comes out as an attachment that nothing opens", async () => {
  const at = await held();
  const html = "<script>alert(1)</script>";
  const made = await put(pathOf(at, "r%C3%A9sum%C3%A9%20%22x%22.html"), html, { "content-type": "text/html" });
  expect(made.status).toBe(201);
  const checksum = sha256(html).toString("hex");
  const artifact = artifactIn(made);
  expect(artifact).toMatchObject({
    name: 'résumé "x".html',
    media_type: "text/html",
    checksum,
    size_bytes: html.length,
  });
  const got = await api.agent.raw("GET", `/api/artifacts/${artifact.id}`);
  expect(got).toMatchObject({ status: 200, text: html });
  const headers = Object.fromEntries(got.headers);
  expect(headers).toMatchObject({
    ...{ "content-type": "text/html", "content-length": String(html.length), etag: `"${checksum}"` },
    ...{ "x-content-type-options": "nosniff", "cache-control": "no-store" },
    "content-disposition": `attachment; filename="r_sum_ _x_.html"; filename*=UTF-8''r%C3%A9sum%C3%A9%20%22x%22.html`,
  });
  expect(headers["content-security-policy"]).toContain("sandbox");
  const head = await api.agent.raw("HEAD", `/api/artifacts/${artifact.id}`);
  expect([head.status, head.headers.get("content-length"), head.text]).toEqual([200, String(html.length), ""]);
});

test("the same file again is the same artifact; a newer one of the name takes its place in the manifest", async () => {
  const at = await held();
  const first = await put(pathOf(at));
  const again = await put(pathOf(at));
  expect([first.status, again.status]).toEqual([201, 200]);
  expect(again.body).toEqual(first.body);
  const newer = await put(pathOf(at), "newer");
  const { artifacts } = await api.producer.ok("manifest", { params: { id: at.task.id } });
  expect(artifacts.map(({ id }) => id)).toEqual([artifactIn(newer).id]);
  expect(artifacts[0]).toMatchObject({ name: "a.txt", source_stage: "dev", destination_stages: ["qa"] });
});

test("an empty file is a file", async () => {
  const made = await put(pathOf(await held()), "");
  expect(made.status).toBe(201);
  expect(await api.agent.raw("GET", `/api/artifacts/${artifactIn(made).id}`)).toMatchObject({ status: 200, text: "" });
});

test("a name that is no file name is refused, and nothing is left", async () => {
  const at = await held();
  await leavesNothing(async () => {
    const paths = [
      "..%2Fx",
      "..%2F..%2F..%2Fetc%2Fpasswd",
      "%2Fetc%2Fpasswd",
      "..%5Cx",
      "C:%5Cx",
      "a%00b",
      "%2e%2e",
      "%2e",
    ];
    for (const name of [...paths, "a%0Ab", "x".repeat(256), "x".repeat(5_000)]) {
      const { status, body } = await rawly(api.url, "PUT", pathOf(at, name), api.agent_token, "hello");
      expect([name.slice(0, 30), status, JSON.parse(body).code]).toEqual([name.slice(0, 30), 400, "invalid_request"]);
    }
    for (const name of ["%ff", "%c0%ae", "%zz"]) {
      expect((await rawly(api.url, "PUT", pathOf(at, name), api.agent_token, "hello")).status).toBe(400);
    }
  });
});

test("a checksum that is not that of the bytes is refused, in whatever form it is sent", async () => {
  const at = await held();
  const good = sha256("hello");
  const bad = sha256("other");
  await leavesNothing(async () => {
    const lies: Record<string, string>[] = [
      { "x-checksum-sha256": bad.toString("hex") },
      { digest: `sha-256=${bad.toString("base64")}` },
      { "content-digest": `sha-256=:${bad.toString("base64")}:` },
      { digest: `md5=abc, SHA-256=${bad.toString("base64")}` },
    ];
    for (const headers of lies) {
      expect(await put(pathOf(at), "hello", headers)).toMatchObject({
        status: 422,
        body: { code: "checksum_mismatch" },
      });
    }
    const nonsense: Record<string, string>[] = [
      { "x-checksum-sha256": "abc" },
      { digest: "md5=abc" },
      { digest: `sha-256=${good.toString("hex")}` },
      { "content-digest": `sha-256=${good.toString("base64")}` },
      { digest: `sha-256=${good.toString("base64")}`, "x-checksum-sha256": bad.toString("hex") },
    ];
    for (const headers of nonsense) {
      expect(await put(pathOf(at), "hello", headers)).toMatchObject({ status: 400, body: { code: "invalid_request" } });
    }
  });
  const all = {
    "x-checksum-sha256": good.toString("hex").toUpperCase(),
    digest: `sha-256=${good.toString("base64")}`,
    "content-digest": `sha-256=:${good.toString("base64")}:`,
  };
  expect((await put(pathOf(at), "hello", all)).status).toBe(201);
});

test("a file that is too large is refused, whether it says so or not", async () => {
  const at = await held();
  await leavesNothing(async () => {
    const large = Buffer.alloc(LIMIT + 1, 7);
    expect(await put(pathOf(at), large)).toMatchObject({ status: 413, body: { code: "too_large" } });
    const chunked = await rawly(api.url, "PUT", pathOf(at), api.agent_token, large, { "transfer-encoding": "chunked" });
    expect([chunked.status, JSON.parse(chunked.body).code]).toEqual([413, "too_large"]);
  });
  expect((await put(pathOf(at), Buffer.alloc(LIMIT, 7))).status).toBe(201);
});

test("a length that is a lie, a caller that falls silent and one that never comes to an end leave nothing", async () => {
  const at = await held();
  const headers = { "content-length": "1000" };
  await leavesNothing(async () => {
    const silent = await rawly(api.url, "PUT", pathOf(at), api.agent_token, "half", headers, "stay");
    expect([silent.status, JSON.parse(silent.body).code]).toEqual([408, "request_timeout"]);
    const gone = rawly(api.url, "PUT", pathOf(at), api.agent_token, "half", headers, "leave");
    await expect(gone).rejects.toThrow();
    const dripping = await rawly(api.url, "PUT", pathOf(at), api.agent_token, "drop", headers, "drip");
    expect(dripping.status).toBe(408);
  });
  expect((await put(pathOf(at))).status).toBe(201);
});

test("a body that is no file has its own deadline, however long a file may take", async () => {
  const headers = { "content-length": "1000", "content-type": "application/json" };
  const silent = await rawly(api.url, "POST", "/api/leases", api.agent_token, '{"claim_id"', headers, "stay");
  expect([silent.status, JSON.parse(silent.body).code]).toEqual([408, "request_timeout"]);
  const message = await rawly(api.url, "POST", "/mcp", api.agent_token, '{"jsonrpc"', headers, "stay");
  expect([message.status, JSON.parse(message.body).code]).toEqual([408, "request_timeout"]);
});

test("an archive is kept as it is and never unpacked; an encoded body is refused", async () => {
  const at = await held();
  const bomb = gzipSync(Buffer.alloc(50_000_000));
  const made = await put(pathOf(at, "bomb.gz"), bomb, { "content-type": "application/gzip" });
  expect(artifactIn(made)).toMatchObject({ size_bytes: bomb.length, media_type: "application/gzip" });
  expect((await put(pathOf(at), bomb, { "content-encoding": "gzip" })).status).toBe(415);
});

test("what is no media type is opaque", async () => {
  const at = await held();
  expect(artifactIn(await put(pathOf(at), "x", { "content-type": "nonsense" })).media_type).toBe(
    "application/octet-stream",
  );
});

test("one file too many is refused with a clear code", async () => {
  const at = await held();
  expect((await put(pathOf(at))).status).toBe(201);
  const text = `insert into artifacts select gen_random_uuid(), workspace_id, task_id, lease_id, stage, visit, epoch, name || n,
    media_type, checksum, size_bytes, created_by from artifacts, generate_series(1, $2::int) as n where lease_id = $1`;
  await api.parts.line.db.run({ name: "fill_artifacts", text }, [at.lease.id, ATTEMPT_MAX_ARTIFACTS - 1]);
  expect(await put(pathOf(at, "one-more"))).toMatchObject({ status: 422, body: { code: "too_many" } });
});

test("only the holder of a living lease puts, and only who may see the task gets", async () => {
  const at = await held();
  const id = artifactIn(await put(pathOf(at))).id;
  const other = api.as(await tokenOf(api.admin, "agent"));
  const statuses = async (calls: Promise<{ status: number }>[]) =>
    (await Promise.all(calls)).map(({ status }) => status);
  const body = { body: "x" };
  const away = await stranger(api);
  expect(await statuses([other.raw("PUT", pathOf(at), body), away.raw("PUT", pathOf(at), body)])).toEqual([404, 404]);
  expect(
    await statuses([api.producer.raw("PUT", pathOf(at), body), api.as(null).raw("PUT", pathOf(at), body)]),
  ).toEqual([403, 401]);
  const reads = [`/api/artifacts/${id}`, `/api/tasks/${at.task.id}/manifest`];
  for (const path of reads) {
    const callers = [api.producer, api.admin, api.agent, other, away, api.as(null)];
    expect(await statuses(callers.map((who) => who.raw("GET", path)))).toEqual([200, 200, 200, 404, 404, 401]);
  }
  const late = pathOf({ ...at, lease: { ...at.lease, epoch: at.lease.epoch + 1 } });
  expect(await put(late)).toMatchObject({ status: 410, body: { code: "lease_lost" } });
  for (const query of ["", "?epoch=0", "?epoch=x", "?epoch=1&epoch=1", "?epoch=1&more=1"]) {
    expect((await put(`/api/leases/${at.lease.id}/artifacts/a${query}`)).status).toBe(400);
  }
  await api.agent.ok("release", { params: { id: at.lease.id }, body: { epoch: at.lease.epoch } });
  expect((await put(pathOf(at), "late")).status).toBe(410);
  await pass(api, "dev");
});

test("a byte flipped on disk breaks the download, and is told to the operator", async () => {
  const at = await held();
  const bytes = Buffer.alloc(LIMIT, 9);
  const { id, checksum } = artifactIn(await put(pathOf(at), bytes));
  const path = join(api.store_folder, checksum.slice(0, 2), checksum.slice(2, 4), checksum);
  await flipByte(path, LIMIT - 1);
  await expect(api.agent.raw("GET", `/api/artifacts/${id}`)).rejects.toThrow();
  await expect.poll(() => api.log.filter((line) => line.includes(checksum))).toHaveLength(1);
  await api.parts.line.store.remove(checksum);
  expect(await api.agent.raw("GET", `/api/artifacts/${id}`)).toMatchObject({ status: 500, body: { code: "internal" } });
  expect((await put(pathOf(at), bytes)).status).toBe(200);
  expect((await api.agent.raw("GET", `/api/artifacts/${id}`)).status).toBe(200);
});
