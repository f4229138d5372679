/** What a way does to bytes, seen from both ends of a connection through it. */
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { startWay } from "./start-way.ts";

/** Gives back all it gets. */
async function echoServer(): Promise<{ url: string; sockets: Set<Socket> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
    socket.pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, sockets };
}

async function wayToEcho() {
  const { url, sockets } = await echoServer();
  const way = await startWay(url);
  onTestFinished(() => way.close());
  return { way, far: sockets };
}

async function through(url: string) {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  const got: Buffer[] = [];
  const end = { error: "" };
  socket
    .on("data", (data) => got.push(data))
    .on("error", (error) => (end.error = (error as { code?: string }).code ?? ""));
  await once(socket, "connect");
  return { socket, end, text: () => Buffer.concat(got).toString("latin1") };
}

test("bytes come through whole and in their order, also while the weather changes", async () => {
  const { way } = await wayToEcho();
  const { socket, text } = await through(way.url);
  const sent = Array.from({ length: 300 }, (_, i) => `${i}-${"x".repeat(i * 7)}\n`);
  for (const [i, line] of sent.entries()) {
    if (i === 100) way.slow(5, 5);
    if (i === 200) way.heal();
    socket.write(line);
    if (i % 50 === 0) await once(socket, "data");
  }
  await expect.poll(text).toBe(sent.join(""));
});

test("what is under way when a way is healed still comes before what is sent afterwards", async () => {
  const { way } = await wayToEcho();
  const { socket, text } = await through(way.url);
  way.slow(300, 0);
  socket.write("slow, ");
  // By the time that others have talked to and fro, it is under way.
  const other = await wayToEcho();
  const witness = await through(other.way.url);
  witness.socket.write("!");
  await expect.poll(witness.text).toBe("!");
  way.heal();
  socket.write("fast");
  await expect.poll(text).toBe("slow, fast");
});

test("a slow way adds its latency in each direction", async () => {
  const { way } = await wayToEcho();
  const { socket, text } = await through(way.url);
  way.slow(150, 0);
  const from = performance.now();
  socket.write("there and back");
  await expect.poll(text).toBe("there and back");
  expect(performance.now() - from).toBeGreaterThanOrEqual(290);
});

test("a throttled way lets so many bytes a second through, and loses none", async () => {
  const { way } = await wayToEcho();
  const { socket, text } = await through(way.url);
  way.throttle(20_000);
  const from = performance.now();
  socket.write("y".repeat(10_000));
  await expect.poll(() => text().length).toBe(10_000);
  expect(performance.now() - from).toBeGreaterThanOrEqual(450);
});

test("a reset breaks all connections, tells how many, and takes new ones at once", async () => {
  const { way, far } = await wayToEcho();
  const [one, two] = [await through(way.url), await through(way.url)];
  await expect.poll(() => far.size).toBe(2);
  expect(way.reset()).toBe(2);
  await expect.poll(() => [one.end.error, two.end.error]).toEqual(["ECONNRESET", "ECONNRESET"]);
  await expect.poll(() => far.size).toBe(0);
  const three = await through(way.url);
  three.socket.write("new");
  await expect.poll(three.text).toBe("new");
});

test("in a blackhole nothing arrives and nobody is told; afterwards all of it arrives", async () => {
  const { way, far } = await wayToEcho();
  const old = await through(way.url);
  old.socket.write("before ");
  await expect.poll(old.text).toBe("before ");
  way.blackhole();
  old.socket.write("during");
  const fresh = await through(way.url);
  fresh.socket.write("new");
  // A way of its own, in good weather, shows that there was time enough for bytes to arrive.
  const other = await wayToEcho();
  const witness = await through(other.way.url);
  witness.socket.write("!");
  await expect.poll(witness.text).toBe("!");
  expect([old.text(), fresh.text(), far.size]).toEqual(["before ", "", 1]);
  expect([old.socket.destroyed, fresh.socket.destroyed]).toEqual([false, false]);
  way.heal();
  await expect.poll(() => [old.text(), fresh.text()]).toEqual(["before during", "new"]);
});

test("a client that leaves a blackhole is missed only afterwards", async () => {
  const { way, far } = await wayToEcho();
  const { socket } = await through(way.url);
  await expect.poll(() => far.size).toBe(1);
  way.blackhole();
  socket.destroy();
  await once(socket, "close");
  const other = await wayToEcho();
  const witness = await through(other.way.url);
  witness.socket.end();
  await once(witness.socket, "close");
  expect(far.size).toBe(1);
  way.heal();
  await expect.poll(() => far.size).toBe(0);
});

test("whoever finds no server behind the way is sent away, and finds it once it is there", async () => {
  const server = createServer((socket) => socket.end("here")).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const way = await startWay(`redis://127.0.0.1:${port}`);
  onTestFinished(() => way.close());
  const early = await through(way.url);
  await expect.poll(() => early.socket.destroyed).toBe(true);
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const late = await through(way.url);
  await expect.poll(late.text).toBe("here");
});
