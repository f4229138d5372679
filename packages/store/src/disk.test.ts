/** The store on a local disk: what every store keeps, and what is left when a process is killed in the middle. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { addressOf } from "./address.ts";
import { openStore } from "./open.ts";
import { filesIn, flipByte, folderForTest, storeForTest } from "./testing/index.ts";
import { allOf, type Bench, storeSuite } from "./testing/suite.ts";

describe("on a local disk", () => {
  let bench: Bench;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const { store, folder, ...rest } = await storeForTest();
    drop = rest.drop;
    bench = {
      store,
      temporary: async () => (await filesIn(folder)).filter((path) => path.startsWith("temporary")),
      damage: (checksum, at) => flipByte(join(folder, addressOf(checksum)), at),
    };
  });
  afterAll(async () => drop());
  storeSuite(() => bench);
});

async function received(folder: string, bytes: string) {
  const store = await openStore({ folder });
  const answer = await store.receive(Readable.from([Buffer.from(bytes)]), { limit_bytes: 1_000 });
  if (!answer.ok) throw new Error(answer.problem.detail);
  return { store, received: answer.value };
}

/** Uploads of a child process that is killed while they are under way. */
async function killedUploader(folder: string): Promise<ChildProcess> {
  const child = fork(new URL("testing/uploader-main.ts", import.meta.url), [folder], { execArgv: [] });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child, "message");
  child.kill("SIGKILL");
  await once(child, "exit");
  return child;
}

test("a process killed in the middle of an upload leaves nothing that can be seen, and what it left is tidied later", async () => {
  const folder = await folderForTest();
  await killedUploader(folder);
  const store = await openStore({ folder });
  expect(await allOf(store.list())).toEqual([]);
  const left = await filesIn(folder);
  expect(left.length).toBeGreaterThan(0);
  expect(left.every((path) => path.startsWith("temporary/"))).toBe(true);
  expect(await store.tidy(60_000)).toBe(0);
  expect(await store.tidy(-1)).toBe(left.length);
  expect(await filesIn(folder)).toEqual([]);
});

test("only old uploads are tidied away", async () => {
  const folder = await folderForTest();
  const old = await received(folder, "old");
  const fresh = await received(folder, "fresh");
  const yesterday = new Date(Date.now() - 25 * 3_600_000);
  await utimes(old.received.temporary, yesterday, yesterday);
  expect(await fresh.store.tidy(24 * 3_600_000)).toBe(1);
  await fresh.store.keep(fresh.received);
  expect(await fresh.store.has(fresh.received.checksum)).toBe(true);
});

test("what does not lie under a content address is neither listed nor touched", async () => {
  const folder = await folderForTest();
  const { store, received: own } = await received(folder, "own");
  await store.keep(own);
  await mkdir(join(folder, "aa"), { recursive: true });
  await writeFile(join(folder, "aa", "b".repeat(64)), "at the wrong place");
  await writeFile(join(folder, "aa", "notes.txt"), "a person's");
  expect((await allOf(store.list())).map(({ checksum }) => checksum)).toEqual([own.checksum]);
});

test("a folder that cannot be written is the store's failure, not a refusal", async () => {
  const folder = await folderForTest();
  await writeFile(join(folder, "temporary"), "a file where the folder should be");
  const store = await openStore({ folder });
  const taking = store.receive(Readable.from([Buffer.from("x")]), { limit_bytes: 10 });
  await expect(taking).rejects.toMatchObject({ name: "StoreFailed" });
});

test("nobody else on the machine can read what is kept", async () => {
  const folder = await folderForTest();
  await chmod(folder, 0o755);
  const { store, received: own } = await received(folder, "secret");
  await store.keep(own);
  const path = join(folder, addressOf(own.checksum));
  expect((await stat(path)).mode & 0o077).toBe(0);
  expect((await stat(join(folder, own.checksum.slice(0, 2)))).mode & 0o077).toBe(0);
});
