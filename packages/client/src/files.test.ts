/** Files through the client: bytes go out as they are, are sent again when they can be, and come in as a stream. The server is a scripted stand-in for the outside world. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer, text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { openClient } from "./client.ts";
import { ServerAway } from "./patience.ts";

type Answer = (response: ServerResponse) => void;

const id = "019a0000-0000-7000-8000-000000000001";
const artifact = {
  ...{ id, task_id: id, lease_id: id, stage: "dev", visit: 1, name: "a b.txt", media_type: "text/plain" },
  ...{ checksum: "0".repeat(64), size_bytes: 3, created_by: "me", created_at: "2026-01-01T00:00:00.000Z" },
};
const made: Answer = (response) => response.writeHead(201).end(JSON.stringify({ artifact }));
const cut: Answer = (response) => response.socket?.destroy();

async function scripted(answers: Answer[], patience_ms = 5_000) {
  const heard: { url: string | undefined; headers: IncomingMessage["headers"]; body: Buffer }[] = [];
  const hear = async (request: IncomingMessage, response: ServerResponse) => {
    const { url, headers } = request;
    heard.push({ url, headers, body: await buffer(request) });
    (answers[heard.length - 1] ?? answers.at(-1))?.(response);
  };
  const server = createServer((request, response) => void hear(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { heard, client: openClient({ url: `http://127.0.0.1:${port}`, token: "secret", patience_ms }) };
}

const lease = { params: { id, name: "a b.txt" }, query: { epoch: 7 } };
const bytes = new Uint8Array([0, 255, 7]);

test("a file goes out as it is, under its name, with its type and checksum", async () => {
  const { heard, client } = await scripted([made]);
  const answer = await client.call("putArtifact", { ...lease, file: bytes, media_type: "x/y", sha256: "ab" });
  expect(answer).toMatchObject({ ok: true, status: 201, value: { artifact: { name: "a b.txt" } } });
  expect(heard[0]?.url).toBe(`/api/leases/${id}/artifacts/a%20b.txt?epoch=7`);
  expect(heard[0]?.headers).toMatchObject({ "content-type": "x/y", "x-checksum-sha256": "ab" });
  expect([...(heard[0]?.body ?? [])]).toEqual([0, 255, 7]);
});

test("bytes that are at hand are sent again when the connection broke, a stream is not", async () => {
  const { heard, client } = await scripted([cut, made]);
  expect(await client.call("putArtifact", { ...lease, file: new Blob([bytes]) })).toMatchObject({ status: 201 });
  expect(heard.map(({ body }) => body.length)).toEqual([3, 3]);
  const once = await scripted([cut, made]);
  const sent = once.client.call("putArtifact", { ...lease, file: new Blob([bytes]).stream() });
  await expect(sent).rejects.toThrow(ServerAway);
  expect(once.heard).toHaveLength(1);
});

test("a file comes in as a stream, with what the headers say of it", async () => {
  const { client } = await scripted([(response) => response.writeHead(200, { etag: '"e"' }).end("hello")]);
  const answer = await client.call("getArtifact", { params: { id } });
  if (!answer.ok) throw new Error(answer.problem.detail);
  expect(answer.headers.get("etag")).toBe('"e"');
  expect(await text(answer.value)).toBe("hello");
});

test("a file that breaks off is an error for whoever reads it", async () => {
  const { client } = await scripted([
    (response) => {
      response.writeHead(200, { "content-length": "10" }).write("half");
      setImmediate(() => response.socket?.destroy());
    },
  ]);
  const answer = await client.call("getArtifact", { params: { id } });
  if (!answer.ok) throw new Error(answer.problem.detail);
  await expect(text(answer.value)).rejects.toThrow();
});

test("a refused file is a value with its problem, and a file is asked for again while the server is away", async () => {
  const problem = { type: "x", title: "x", status: 404, detail: "because", code: "not_found" };
  const { heard, client } = await scripted([cut, (response) => response.writeHead(404).end(JSON.stringify(problem))]);
  expect(await client.call("getArtifact", { params: { id } })).toMatchObject({
    ok: false,
    problem: { code: "not_found" },
  });
  expect(heard).toHaveLength(2);
});

test("a call that needs a file does not compile without one", async () => {
  const { client } = await scripted([made]);
  // @ts-expect-error -- the point of the test
  expect(await client.call("putArtifact", lease)).toMatchObject({ ok: true });
});
