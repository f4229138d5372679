/** The edges of HTTP itself, on a server with short time-outs: what never becomes a request is refused as a problem too. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { text } from "node:stream/consumers";
import { promisify } from "node:util";
import express from "express";
import { expect, onTestFinished, test } from "vitest";
import { openDrain } from "./drain.ts";
import { letGo } from "./let-go.ts";
import { drainServer, httpServer, listen, type ServerLimits } from "./server.ts";
import { UPLOADS } from "./upload.ts";

const SHORT = { headersTimeout: 300, requestTimeout: 600, connectionsCheckingInterval: 50 };

async function served(
  handler: express.RequestHandler = (_request, response) => void response.send("fine"),
  limits: ServerLimits = SHORT,
  before: express.RequestHandler = express.raw({ type: () => true }),
) {
  const server = httpServer(express().use(before, handler), limits);
  const url = await listen(server, 0, "127.0.0.1");
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { server, url, port };
}

/** Sends bytes as they are and gives all that comes back until the server hangs up. */
async function said(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(bytes);
  return text(socket);
}

const HEAD = "POST / HTTP/1.1\r\nHost: x\r\n";

test("headers beyond 16 KB are refused", async () => {
  const { port } = await served();
  const answer = await said(port, `${HEAD}X: ${"x".repeat(17_000)}\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1.1 431 [\s\S]*application\/problem\+json[\s\S]*"headers_too_large"/);
});

test("headers that do not come to an end are cut off", async () => {
  const { port } = await served();
  expect(await said(port, `${HEAD}X: `)).toMatch(/^HTTP\/1.1 408 [\s\S]*"request_timeout"/);
});

test("a body that does not come to an end is cut off", async () => {
  const { port } = await served();
  expect(await said(port, `${HEAD}Content-Length: 100\r\n\r\nabc`)).toMatch(/^HTTP\/1.1 408 [\s\S]*"request_timeout"/);
});

test("an answer that nobody reads does not keep its connection for ever", async () => {
  const large = "x".repeat(50_000_000);
  const { server, port } = await served((_request, response) => void response.send(large), { silence: 300 });
  const asked = once(server, "request");
  const socket = connect(port, "127.0.0.1").pause();
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await asked;
  const open = () => new Promise<number>((resolve) => server.getConnections((_, count) => resolve(count)));
  await expect.poll(open).toBe(0);
  socket.destroy();
});

test("a refused body that does not come to an end is let go soon", async () => {
  const { server, port } = await served((_request, response) => void response.status(401).send("no"), {}, letGo);
  const began = performance.now();
  const answer = await said(port, `${HEAD}Content-Length: 100\r\n\r\nabc`);
  expect(answer).toMatch(/^HTTP\/1.1 401 /);
  expect(performance.now() - began).toBeGreaterThan(1_000);
  await expect.poll(() => new Promise((resolve) => server.getConnections((_, count) => resolve(count)))).toBe(0);
});

test("an answer may take longer than the time a request has to arrive", async () => {
  const { url } = await served((_request, response) => {
    setTimeout(() => response.send("slow"), 1_000);
  });
  expect(await (await fetch(url)).text()).toBe("slow");
});

test("what is not HTTP is refused as a problem", async () => {
  const { port } = await served();
  expect(await said(port, "hello?\r\n\r\n")).toMatch(/^HTTP\/1.1 400 [\s\S]*"invalid_request"/);
});

test("a request has ten seconds for its headers, thirty for its body, and more only if that is a file", () => {
  const { requestTimeout, headersTimeout } = httpServer(express());
  expect(headersTimeout).toBe(10_000);
  expect(UPLOADS.body_ms).toBe(30_000);
  expect(requestTimeout).toBeGreaterThan(UPLOADS.whole_ms);
});

test("a second server on the same port is told so", async () => {
  const { port } = await served();
  await expect(listen(httpServer(express()), port, "127.0.0.1")).rejects.toThrow("EADDRINUSE");
});

/** How often this system has turned a connection away because too many waited to be taken. */
function turnedAway(): number {
  const [names = [], values = []] = readFileSync("/proc/net/netstat", "utf8")
    .split("\n")
    .filter((line) => line.startsWith("TcpExt:"))
    .map((line) => line.split(" "));
  return Number(values[names.indexOf("ListenOverflows")]);
}

test.skipIf(process.platform !== "linux")("a thousand connections that come at once are all taken", async () => {
  const { server, port } = await served();
  const before = turnedAway();
  const sockets = Array.from({ length: 1_000 }, () => connect(port, "127.0.0.1"));
  onTestFinished(() => sockets.forEach((socket) => void socket.destroy()));
  await Promise.all(sockets.map((socket) => once(socket, "connect")));
  await expect.poll(() => promisify(server.getConnections.bind(server))()).toBe(1_000);
  expect(turnedAway() - before).toBe(0);
});

test("draining lets the answer under way finish and takes no new connection", async () => {
  let finish = () => {};
  const { server, url } = await served((_request, response) => {
    finish = () => void response.send("last");
  });
  const under_way = fetch(url);
  await once(server, "request");
  const drain = openDrain();
  const drained = drainServer(server, drain);
  expect(drain.draining).toBe(true);
  await expect(fetch(url)).rejects.toThrow();
  finish();
  expect(await (await under_way).text()).toBe("last");
  await drained;
});

test("whoever waits is told of the shutdown, also when it had begun before", () => {
  const drain = openDrain();
  const told: string[] = [];
  drain.onBegin(() => told.push("waiting"));
  drain.onBegin(() => told.push("gone"))();
  drain.begin();
  drain.onBegin(() => told.push("late"));
  expect(told).toEqual(["waiting", "late"]);
});
