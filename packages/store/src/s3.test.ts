/** The store in an S3-compatible bucket, against a stand-in of the outside world (s3rver), and how its address is read. */
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addressOf } from "./address.ts";
import { openStore } from "./open.ts";
import { readS3Url } from "./s3-url.ts";
import { type Bucket, filesIn, flipByte, folderForTest, startBucket, storeForTest } from "./testing/index.ts";
import { allOf, type Bench, storeSuite } from "./testing/suite.ts";

let bucket: Bucket;
beforeAll(async () => {
  bucket = await startBucket("some/prefix");
});
afterAll(async () => bucket.stop());

describe("in an S3-compatible bucket (s3rver as a stand-in)", () => {
  let bench: Bench;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const { store, folder, ...rest } = await storeForTest(bucket);
    drop = rest.drop;
    bench = {
      store,
      temporary: () => filesIn(folder),
      damage: (checksum, at) => flipByte(join(bucket.folder, `some/prefix/${addressOf(checksum)}._S3rver_object`), at),
    };
  });
  afterAll(async () => drop());
  storeSuite(() => bench);
});

test("a store sees nothing outside its prefix", async () => {
  const folder = await folderForTest();
  const { url, credentials } = bucket;
  const other = await openStore({ url: url.replace("some/prefix", "some/prefixed"), credentials, folder });
  const answer = await other.receive(Readable.from([Buffer.from("elsewhere")]), { limit_bytes: 100 });
  if (!answer.ok) throw new Error(answer.problem.detail);
  await other.keep(answer.value);
  const here = await openStore({ url, credentials, folder });
  expect(await here.has(answer.value.checksum)).toBe(false);
  expect((await allOf(other.list())).map(({ checksum }) => checksum)).toEqual([answer.value.checksum]);
  expect((await allOf(here.list())).map(({ checksum }) => checksum)).not.toContain(answer.value.checksum);
});

test("a bucket that does not answer is the store's failure, and no secret is in what it says", async () => {
  const folder = await folderForTest();
  const url = `s3://baton/x?endpoint=${encodeURIComponent("http://127.0.0.1:1")}`;
  const store = await openStore({ url, credentials: { access_key_id: "id", secret_access_key: "hush-hush" }, folder });
  const looking = await store.has("0".repeat(64)).catch((error: Error) => error);
  expect(looking).toMatchObject({ name: "StoreFailed" });
  expect(String(looking)).not.toContain("hush-hush");
});

test("the address says bucket, prefix, endpoint and region, and nothing else may stand in it", () => {
  const full = "s3://bucket/a/b/?endpoint=https%3A%2F%2Fs3.example%3A9000&region=eu-1";
  expect(readS3Url(full)).toEqual({
    ...{ bucket: "bucket", prefix: "a/b/" },
    ...{ endpoint: "https://s3.example:9000", region: "eu-1" },
  });
  expect(readS3Url("s3://bucket")).toEqual({ bucket: "bucket", prefix: "", endpoint: undefined, region: "us-east-1" });
  const bad = ["nonsense", "http://bucket/x", "s3://", "s3://id:secret@bucket", "s3://bucket?regoin=x"];
  for (const url of [...bad, "s3://bucket?endpoint=ftp://x", "s3://bucket/%2e%2e/x/%00"]) {
    expect(() => readS3Url(url), url).toThrow();
  }
});
