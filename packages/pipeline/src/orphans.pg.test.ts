/** The collector: what nobody refers to goes after a day, and nothing that anybody wants, whenever they come. */
import { createHash } from "node:crypto";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type Db, deleteOrphan, standInForBlob } from "@baton/db";
import { filesIn } from "@baton/store/testing";
import { expect, test } from "vitest";
import { putArtifact } from "./artifacts.ts";
import { collectOrphans } from "./orphans.ts";
import { type TestLine, testLine } from "./testing/index.ts";
import { countOf, leased, sql, submitted, valueOf } from "./testing/verbs.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const DAY_MS = 24 * 3_600_000;

async function kept({ store }: TestLine, content: string): Promise<string> {
  const received = valueOf(await store.receive(Readable.from([Buffer.from(content)]), { limit_bytes: 1_000 }));
  await store.keep(received);
  await store.discard(received);
  return received.checksum;
}

async function putUnder(open: TestLine, ref: { lease_id: string; epoch: number }, content: string) {
  const stream = Readable.from([Buffer.from(content)]);
  return putArtifact(open.line, open.admin, {
    ...ref,
    name: "a",
    media_type: "text/plain",
    stream,
    limit_bytes: 1_000,
  });
}

/** All that is on the disk is two days old. */
async function age({ store_folder }: TestLine): Promise<void> {
  const then = new Date(Date.now() - 2 * DAY_MS);
  for (const path of await filesIn(store_folder)) await utimes(join(store_folder, path), then, then);
}

async function waitingForLocks(open: TestLine): Promise<number> {
  const waiting = "datname = current_database() and wait_event_type = 'Lock'";
  return (await sql(open, `select from pg_stat_activity where ${waiting}`)).length;
}

const ageRows = (open: TestLine) => sql(open, "update blobs set used_at = now() - interval '25 hours'");

test("a file without a row, and a row that nobody refers to, go after a day and not before", async () => {
  const open = await testLine();
  const file = await kept(open, "without a row");
  const row = await kept(open, "with a row");
  await sql(open, "insert into blobs (checksum, size_bytes) values ($1, 10)", row);
  expect(await collectOrphans(open.line)).toBe(0);
  await age(open);
  expect(await collectOrphans(open.line)).toBe(1);
  expect([await open.store.has(file), await open.store.has(row)]).toEqual([false, true]);
  await ageRows(open);
  expect(await collectOrphans(open.line)).toBe(1);
  expect(await filesIn(open.store_folder)).toEqual([]);
  expect(await countOf(open, "blobs")).toBe(0);
});

test("what an artifact or a proof refers to stays, however old it is", async () => {
  const open = await testLine();
  const { id } = await submitted(open);
  const { ref } = await leased(open, "dev");
  valueOf(await putUnder(open, ref, "artifact"));
  const proof = await kept(open, "proof");
  await sql(open, "insert into blobs (checksum, size_bytes) values ($1, 5)", proof);
  await sql(
    open,
    `insert into proofs (id, workspace_id, project_id, task_id, kind, name, summary, media_type, checksum, size_bytes, created_by, source)
     select gen_random_uuid(), workspace_id, project_id, id, 'log', 'n', 's', 'text/plain', $1, 5, 'me', 'person' from tasks where id = $2`,
    ...[proof, id],
  );
  await age(open);
  await ageRows(open);
  expect(await collectOrphans(open.line)).toBe(0);
  expect([await open.store.has(sha256("artifact")), await open.store.has(proof)]).toEqual([true, true]);
});

test("uploads that a crash left half done are tidied away after a day", async () => {
  const open = await testLine();
  valueOf(await open.store.receive(Readable.from([Buffer.from("half")]), { limit_bytes: 10 }));
  expect(await collectOrphans(open.line)).toBe(0);
  await age(open);
  expect(await collectOrphans(open.line)).toBe(1);
  expect(await filesIn(open.store_folder)).toEqual([]);
});

test("two collectors at once remove each file once", async () => {
  const open = await testLine();
  for (let i = 0; i < 10; i += 1) await kept(open, `orphan ${i}`);
  await age(open);
  const counts = await Promise.all([collectOrphans(open.line), collectOrphans(open.line)]);
  expect(counts[0] + counts[1]).toBeGreaterThanOrEqual(10);
  expect(await filesIn(open.store_folder)).toEqual([]);
  expect(await countOf(open, "blobs")).toBe(0);
});

async function rolledBack({ db }: TestLine, work: (tx: Db) => Promise<void>): Promise<void> {
  const back = new Error("rolled back on purpose");
  const undone = db.transaction(async (tx) => {
    await work(tx);
    throw back;
  });
  await undone.catch((error: unknown) => {
    if (error !== back) throw error;
  });
}

/** The collector has the row of the content in its hands when the same content is put again. */
async function whileCollecting(open: TestLine, content: string, take: (tx: Db) => Promise<boolean>) {
  await submitted(open);
  const { ref } = await leased(open, "dev");
  let putting: ReturnType<typeof putUnder> | undefined;
  await rolledBack(open, async (tx) => {
    expect(await take(tx)).toBe(true);
    putting = putUnder(open, ref, content);
    // Its file is in place, and it waits for the row.
    await expect.poll(() => waitingForLocks(open)).toBe(1);
    await open.store.remove(sha256(content));
  });
  const { artifact } = valueOf(await (putting ?? Promise.reject(new Error("nothing was put"))));
  await age(open);
  await ageRows(open);
  const collected = await collectOrphans(open.line);
  return { collected, found: await open.store.verify(artifact.checksum) };
}

test("a content that is put while its file without a row is collected is there in the end", async () => {
  const open = await testLine();
  await kept(open, "wanted again");
  const ended = await whileCollecting(open, "wanted again", (tx) => standInForBlob(tx, sha256("wanted again")));
  expect(ended).toEqual({ collected: 0, found: { ok: true, size_bytes: 12 } });
});

test("a content that is put while its unused row is collected is there in the end", async () => {
  const open = await testLine();
  const checksum = await kept(open, "wanted again");
  await sql(
    open,
    "insert into blobs (checksum, size_bytes, used_at) values ($1, 12, now() - interval '2 days')",
    checksum,
  );
  const ended = await whileCollecting(open, "wanted again", (tx) => deleteOrphan(tx, checksum, DAY_MS));
  expect(ended).toEqual({ collected: 0, found: { ok: true, size_bytes: 12 } });
});

test("a content that is being put is left alone by the collector that comes later", async () => {
  const open = await testLine();
  const checksum = await kept(open, "being put");
  await age(open);
  let collecting: Promise<number> | undefined;
  await open.db.transaction(async (tx) => {
    await tx.run({ name: "test_being_put", text: "insert into blobs (checksum, size_bytes) values ($1, 9)" }, [
      checksum,
    ]);
    collecting = collectOrphans(open.line);
    await expect.poll(() => waitingForLocks(open)).toBe(1);
  });
  expect(await collecting).toBe(0);
  expect(await open.store.has(checksum)).toBe(true);
});
