/** What becomes of an upload to a bucket that refuses, is slow or falls silent. The bucket is a scripted stand-in. */
import { readdirSync, readlinkSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { openStore } from "./open.ts";
import { s3Shelf } from "./s3.ts";
import { folderForTest } from "./testing/index.ts";

const MB = 1024 * 1024;
const credentials = { access_key_id: "id", secret_access_key: "secret" };

/** Gives the URL of a bucket that behaves as scripted. */
async function standIn(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `s3://baton/x?endpoint=${encodeURIComponent(`http://127.0.0.1:${port}`)}`;
}

/** A shelf with little patience, and the placing of a large file on it. */
async function placing(url: string, patience: { answer_ms: number; silence_ms: number }): Promise<void> {
  const temporary = join(await folderForTest(), "large");
  const size_bytes = 24 * MB;
  await writeFile(temporary, Buffer.alloc(size_bytes));
  const shelf = s3Shelf(url, credentials, patience);
  onTestFinished(() => shelf.close());
  return shelf.place({ temporary, size_bytes, checksum: "" }, "key");
}

/** Takes a little at a time, as a slow line does. */
async function takeSlowly(request: IncomingMessage): Promise<void> {
  for await (const _ of request) await pause(4);
}

/** The files under the folder that this process holds open, also those that are deleted. */
function heldOpen(folder: string): string[] {
  const targets = readdirSync("/proc/self/fd").map((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return "";
    }
  });
  return targets.filter((target) => target.startsWith(folder));
}

test.runIf(process.platform === "linux").each<[string, () => Promise<string>]>([
  ["is not there", async () => `s3://baton/x?endpoint=${encodeURIComponent("http://127.0.0.1:1")}`],
  ["refuses", () => standIn((_, response) => void response.writeHead(503).end())],
  ["breaks off", () => standIn((request) => void request.socket.destroy())],
])("an upload to a bucket that %s leaves no file open behind it", async (_, bucket) => {
  const folder = await folderForTest();
  const store = await openStore({ url: await bucket(), credentials, folder });
  onTestFinished(() => store.close());
  for (let upload = 0; upload < 3; upload += 1) {
    const received = await store.receive(Readable.from([Buffer.alloc(MB)]), { limit_bytes: MB });
    if (!received.ok) throw new Error(received.problem.detail);
    await expect(store.keep(received.value)).rejects.toMatchObject({ name: "StoreFailed" });
    await store.discard(received.value);
  }
  await expect.poll(() => heldOpen(folder)).toEqual([]);
});

test("an upload may take as long as it needs while bytes flow", async () => {
  let took_ms = 0;
  const url = await standIn((request, response) => {
    const begun = performance.now();
    const taken = takeSlowly(request).then(() => {
      took_ms = performance.now() - begun;
      response.end();
    });
    // Who is given up on shows in the upload.
    taken.catch(() => undefined);
  });
  const patience = { answer_ms: 500, silence_ms: 500 };
  await placing(url, patience);
  expect(took_ms).toBeGreaterThan(2 * patience.silence_ms);
});

test("an upload to a bucket that falls silent is given up", async () => {
  const url = await standIn((request) => void request.pause());
  await expect(placing(url, { answer_ms: 60_000, silence_ms: 250 })).rejects.toThrow();
});
