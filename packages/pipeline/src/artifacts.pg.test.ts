/** What an attempt leaves as files: there as a whole, under a lease that lives, or not at all. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { ATTEMPT_MAX_ARTIFACTS, ATTEMPT_MAX_BYTES } from "@baton/domain";
import { filesIn, flipByte } from "@baton/store/testing";
import { expect, test } from "vitest";
import { manifest, openArtifact, putArtifact } from "./artifacts.ts";
import type { Principal } from "./principal.ts";
import { principal, type TestLine, testLine } from "./testing/index.ts";
import { complete, countOf, leased, letLeasesExpire, sql, submitted, valueOf } from "./testing/verbs.ts";

const MB = 1024 * 1024;
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

type Ref = Awaited<ReturnType<typeof leased>>["ref"];

interface Put {
  name?: string;
  media_type?: string;
  who?: Principal;
}

function put(open: TestLine, ref: Ref, content: string, { name = "a.txt", media_type = "text/plain", who }: Put = {}) {
  const stream = Readable.from([Buffer.from(content)]);
  return putArtifact(open.line, who ?? open.admin, { ...ref, name, media_type, stream, limit_bytes: MB });
}

async function working() {
  const open = await testLine();
  const { id } = await submitted(open);
  return { open, id, ...(await leased(open, "dev")) };
}

test("a file that was put is there byte for byte, with its row", async () => {
  const { open, id, ref } = await working();
  const { artifact, fresh } = valueOf(await put(open, ref, "hello"));
  expect(fresh).toBe(true);
  expect(artifact).toMatchObject({
    ...{ task_id: id, lease_id: ref.lease_id, stage: "dev", visit: 1, epoch: ref.epoch, name: "a.txt" },
    ...{ media_type: "text/plain", checksum: sha256("hello"), size_bytes: 5, created_by: "dev-agent" },
  });
  const { stream } = valueOf(await openArtifact(open.line, open.admin, { id: artifact.id }));
  expect((await buffer(stream ?? Readable.from([]))).toString()).toBe("hello");
  expect((await filesIn(open.store_folder)).filter((path) => path.startsWith("temporary"))).toEqual([]);
});

test("the same file again is the same artifact; another content or type of that name is a newer one, and counts", async () => {
  const { open, id, ref } = await working();
  const first = valueOf(await put(open, ref, "one"));
  expect(valueOf(await put(open, ref, "one"))).toEqual({ ...first, fresh: false });
  const second = valueOf(await put(open, ref, "two"));
  expect(second.artifact.id > first.artifact.id).toBe(true);
  const third = valueOf(await put(open, ref, "two", { media_type: "text/html" }));
  const other = valueOf(await put(open, ref, "one", { name: "b.txt" }));
  expect(await countOf(open, "artifacts")).toBe(4);
  expect(await countOf(open, "blobs")).toBe(2);
  const { artifacts } = valueOf(await manifest(open.line, open.admin, { id }));
  expect(artifacts.map((entry) => entry.id)).toEqual([third.artifact.id, other.artifact.id]);
});

test("the newest of a name is the one put last, whatever the clock of the machine says that took the one before", async () => {
  const { open, id, ref } = await working();
  const first = valueOf(await put(open, ref, "one"));
  await sql(open, "update artifacts set id = 'ffffffff-0000-7000-8000-000000000000' where id = $1", first.artifact.id);
  const second = valueOf(await put(open, ref, "two"));
  const { artifacts } = valueOf(await manifest(open.line, open.admin, { id }));
  expect(artifacts.map((entry) => entry.id)).toEqual([second.artifact.id]);
});

test("many files put at once are all there, and one content once", async () => {
  const { open, ref } = await working();
  const puts = Array.from({ length: 20 }, (_, i) => put(open, ref, `content ${i % 5}`, { name: `${i}` }));
  const ids = (await Promise.all(puts)).map((answer) => valueOf(answer).artifact.id);
  expect(new Set(ids).size).toBe(20);
  expect(await countOf(open, "blobs")).toBe(5);
  expect(await filesIn(open.store_folder)).toHaveLength(5);
});

test("two uploads of one file at the same moment are one artifact", async () => {
  const { open, ref } = await working();
  const both = (await Promise.all([put(open, ref, "same"), put(open, ref, "same")])).map(valueOf);
  expect(both.filter(({ fresh }) => fresh)).toHaveLength(1);
  expect(new Set(both.map(({ artifact }) => artifact.id)).size).toBe(1);
});

test("a lease that is over, or another's, takes no file", async () => {
  const { open, ref } = await working();
  const lost = { ok: false, problem: { code: "lease_lost" } };
  valueOf(await put(open, ref, "in time"));
  expect(await put(open, { ...ref, epoch: ref.epoch + 1 }, "x")).toMatchObject(lost);
  const stranger = await principal(open.db, "agent");
  expect(await put(open, ref, "x", { who: stranger })).toMatchObject({ ok: false, problem: { code: "not_found" } });
  await letLeasesExpire(open);
  expect(await put(open, ref, "late")).toMatchObject(lost);
  expect(await put(open, ref, "in time")).toMatchObject(lost);
  expect(await countOf(open, "artifacts")).toBe(1);
});

test("a lease that ends while the file arrives takes it no more", async () => {
  const { open, ref } = await working();
  async function* slow() {
    yield Buffer.from("half");
    valueOf(await complete(open, ref));
    yield Buffer.from("whole");
  }
  const file = { ...ref, name: "a", media_type: "text/plain", stream: Readable.from(slow()), limit_bytes: MB };
  const answer = await putArtifact(open.line, open.admin, file);
  expect(answer).toMatchObject({ ok: false, problem: { code: "lease_lost" } });
  expect(await countOf(open, "artifacts")).toBe(0);
});

test("an attempt leaves so many files and so many bytes, and not one more, whoever else is putting", async () => {
  const { open, id, ref } = await working();
  const fill = (count: number, size: number) =>
    sql(
      open,
      `insert into artifacts (id, workspace_id, task_id, lease_id, stage, visit, epoch, name, media_type, checksum, size_bytes, created_by)
       select gen_random_uuid(), $1, $2, $3, 'dev', 1, 1, 'filler ' || n, 'text/plain', $4, $5, 'x' from generate_series(1, $6::int) as n`,
      ...[open.admin.workspace_id, id, ref.lease_id, sha256("first"), size, count],
    );
  valueOf(await put(open, ref, "first"));
  await fill(ATTEMPT_MAX_ARTIFACTS - 2, 0);
  const both = await Promise.all([put(open, ref, "a", { name: "a" }), put(open, ref, "b", { name: "b" })]);
  expect(both.filter((answer) => answer.ok)).toHaveLength(1);
  expect(both.find((answer) => !answer.ok)).toMatchObject({ problem: { code: "too_many" } });
  expect(valueOf(await put(open, ref, "first")).fresh).toBe(false);
  await sql(open, "delete from artifacts where name like 'filler%'");
  await fill(1, ATTEMPT_MAX_BYTES - 10);
  expect(await put(open, ref, "six by", { name: "c" })).toMatchObject({ ok: false, problem: { code: "too_many" } });
});

test("a content that the collector took away between file and row is kept again", async () => {
  const { open, ref } = await working();
  const { store } = open;
  let removed = 0;
  const robbed = {
    ...store,
    keep: async (received: Parameters<typeof store.keep>[0]) => {
      await store.keep(received);
      if (removed++ === 0) await store.remove(received.checksum);
    },
  };
  const stream = Readable.from([Buffer.from("again")]);
  const file = { ...ref, name: "a", media_type: "text/plain", stream, limit_bytes: MB };
  const { artifact } = valueOf(await putArtifact({ ...open.line, store: robbed }, open.admin, file));
  expect(await store.verify(artifact.checksum)).toEqual({ ok: true, size_bytes: 5 });
});

test("a damaged file never arrives as a whole, and putting it again mends it", async () => {
  const { open, ref } = await working();
  const { artifact } = valueOf(await put(open, ref, "precious"));
  const [path = ""] = await filesIn(open.store_folder);
  await flipByte(join(open.store_folder, path));
  const opened = valueOf(await openArtifact(open.line, open.admin, { id: artifact.id }));
  await expect(buffer(opened.stream ?? Readable.from([]))).rejects.toMatchObject({ name: "DamagedContent" });
  valueOf(await put(open, ref, "precious"));
  const mended = valueOf(await openArtifact(open.line, open.admin, { id: artifact.id }));
  expect((await buffer(mended.stream ?? Readable.from([]))).toString()).toBe("precious");
  await open.store.remove(artifact.checksum);
  expect(valueOf(await openArtifact(open.line, open.admin, { id: artifact.id })).stream).toBeNull();
});

test("an agent reads the artifacts of the tasks that it has held, a stranger none", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const agent = await principal(open.db, "agent");
  const { ref } = await leased(open, "dev", agent);
  const { artifact } = valueOf(await put(open, ref, "mine", { who: agent }));
  const other = await principal(open.db, "agent");
  const workspace = "00000000-0000-7000-8000-000000000001";
  await sql(open, "insert into workspaces (id, name) values ($1, 'other')", workspace);
  const elsewhere = await principal(open.db, "admin", null, workspace);
  for (const who of [other, elsewhere]) {
    expect(await openArtifact(open.line, who, { id: artifact.id })).toMatchObject({ problem: { code: "not_found" } });
    expect(await manifest(open.line, who, { id })).toMatchObject({ problem: { code: "not_found" } });
  }
  expect(valueOf(await manifest(open.line, agent, { id })).artifacts).toHaveLength(1);
  valueOf(await openArtifact(open.line, agent, { id: artifact.id })).stream?.destroy();
});

test("the manifest says of each artifact whence it came, where it goes and how it was checked", async () => {
  const { open, id, ref } = await working();
  const { artifact } = valueOf(await put(open, ref, "x"));
  const schema = { type: "object" };
  await sql(
    open,
    `with contract as (
       insert into contracts (id, workspace_id, project_id, from_stage, to_stage, version, definition, created_by)
       select gen_random_uuid(), workspace_id, project_id, 'dev', 'qa', 1, $2::jsonb, 'me' from tasks where id = $3 returning id
     )
     insert into artifact_transfers (artifact_id, stage, transfer_checksum, status, contract_id, schema_valid)
     select $1, 'qa', $4, 'done', contract.id, true from contract`,
    ...[artifact.id, JSON.stringify({ artifacts: [{ name: "a.txt", schema }] }), id, artifact.checksum],
  );
  expect(valueOf(await manifest(open.line, open.admin, { id }))).toEqual({
    task_id: id,
    artifacts: [
      {
        ...{ id: artifact.id, name: "a.txt", source_stage: "dev", destination_stages: ["qa"] },
        ...{ created_by: "dev-agent", created_at: artifact.created_at.toISOString() },
        ...{ path: `/api/artifacts/${artifact.id}`, checksum: sha256("x"), size_bytes: 1, schema, schema_valid: true },
        transferred_to: [
          { stage: "qa", transferred_at: expect.any(String), transfer_checksum: sha256("x"), status: "done" },
        ],
      },
    ],
  });
});
