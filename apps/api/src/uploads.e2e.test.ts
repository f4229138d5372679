/** Large uploads to the API as a process of its own: it does not keep them in memory, and killed in the middle it leaves nothing half. */
import { createHash, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { ArtifactAnswer, ClaimedLease } from "@baton/domain/api";
import { filesIn } from "@baton/store/testing";
import { expect, test } from "vitest";
import { type Caller, caller } from "./testing/caller.ts";
import { settings, start } from "./testing/program.ts";
import { claimBody } from "./testing/work.ts";

const TOKEN = "a-token-for-the-test-of-uploads";
const MB = 1024 * 1024;
/** Far more than the streams have in their hands at once, some sixty megabytes. */
const SIZE = 160 * MB;

async function working() {
  const given = await settings();
  const env = { ...given, BATON_ADMIN_TOKEN: TOKEN, BATON_ARTIFACT_MAX_MB: "200" };
  const program = start(env);
  const { url } = await program.ready;
  const admin = caller(url, TOKEN);
  const lease = await leaseOf(admin);
  return { env, program, url, lease, store: join(given.BATON_DATA_DIR ?? "", "artifacts") };
}

async function leaseOf(admin: Caller): Promise<ClaimedLease["lease"]> {
  const { project } = await admin.ok("createProject", { body: { name: "p" } });
  await admin.ok("createRun", { body: { project_id: project.id, name: "r", tasks: [{ title: "t" }] } });
  const claimed = await admin.ok("claim", { body: claimBody() });
  if (claimed === null) throw new Error("there is nothing to claim");
  return claimed.lease;
}

const pathOf = ({ id, epoch }: ClaimedLease["lease"], name: string) =>
  `/api/leases/${id}/artifacts/${name}?epoch=${epoch}`;

/** Of the process, in bytes; `peak` since it began. */
async function memoryOf(pid = 0): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const of = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
  return { now: of("VmRSS"), peak: of("VmHWM") };
}

const piece = randomBytes(MB);
const pieces = () => Readable.from(Array.from({ length: SIZE / MB }, () => piece));

test("160 MB go through the process, in and out, without its growing by as much", { timeout: 120_000 }, async () => {
  const { program, url, lease } = await working();
  const headers = { authorization: `Bearer ${TOKEN}` };
  const sent = (name: string, body: BodyInitOf) =>
    fetch(`${url}${pathOf(lease, name)}`, { method: "PUT", headers, body, ...({ duplex: "half" } as object) });
  await sent("warm", piece).then((answer) => answer.text());
  const before = await memoryOf(program.child.pid);
  const answer = await sent("large", Readable.toWeb(pieces()) as never);
  const { artifact } = (await answer.json()) as ArtifactAnswer;
  const hash = createHash("sha256");
  for (let i = 0; i < SIZE / MB; i += 1) hash.update(piece);
  const checksum = hash.digest("hex");
  expect(artifact).toMatchObject({ size_bytes: SIZE, checksum });
  const got = await fetch(`${url}/api/artifacts/${artifact.id}`, { headers });
  const again = createHash("sha256");
  for await (const chunk of got.body ?? []) again.update(chunk as Uint8Array);
  expect(again.digest("hex")).toBe(checksum);
  const after = await memoryOf(program.child.pid);
  expect(after.peak - Math.max(before.now, before.peak)).toBeLessThan(SIZE * 0.75);
});

type BodyInitOf = NonNullable<RequestInit["body"]>;

test("the API killed in the middle of an upload leaves no row and nothing under a content address", async () => {
  const { env, program, url, lease, store } = await working();
  const { hostname, port } = new URL(url);
  const headers = { authorization: `Bearer ${TOKEN}`, "content-length": String(SIZE) };
  const upload = request({ hostname, port, method: "PUT", path: pathOf(lease, "half"), headers });
  const broken = new Promise<Error>((resolve) => upload.once("error", resolve));
  upload.write(piece);
  await expect.poll(async () => (await filesIn(store).catch(() => [])).length).toBe(1);
  program.child.kill("SIGKILL");
  await broken;
  await program.ended;
  expect((await filesIn(store)).filter((path) => !path.startsWith("temporary/"))).toEqual([]);

  const second = await start(env).ready;
  const { artifacts } = await caller(second.url, TOKEN).ok("manifest", { params: { id: lease.task_id } });
  expect(artifacts).toEqual([]);
  const whole = await caller(second.url, TOKEN).raw("PUT", pathOf(lease, "half"), { body: piece });
  expect(whole.status).toBe(201);
});
