/** What is hardly HTTP at all, sent over bare connections: two lengths, broken chunks, ends in the middle. Whatever comes back, the server must not say that it is broken itself. */
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

const HEAD = "POST /api/runs HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
const GET = "GET /api/runs HTTP/1.1\r\nHost: x\r\n";
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n`;

export const MANGLED: Record<string, string> = {
  "two lengths": `${HEAD}Content-Length: 2\r\nContent-Length: 20\r\n\r\n{}`,
  "a length and chunks": `${CHUNKED}Content-Length: 2\r\n\r\n0\r\n\r\n`,
  "a negative length": `${HEAD}Content-Length: -1\r\n\r\n{}`,
  "a length that is no number": `${HEAD}Content-Length: 0x10\r\n\r\n{}`,
  "a length beyond counting": `${HEAD}Content-Length: 99999999999999999999\r\n\r\n{}`,
  "a length that is too long": `${HEAD}Content-Length: 2000000\r\n\r\n{}`,
  "a body that ends early": `${HEAD}Content-Length: 2000\r\n\r\n{"a":`,
  "a body beyond its length": `${HEAD}Content-Length: 2\r\n\r\n{}{}{}GET / HTTP/1.1\r\n\r\n`,
  "a chunk of no size": `${CHUNKED}\r\nzz\r\n{}\r\n0\r\n\r\n`,
  "a chunk beyond counting": `${CHUNKED}\r\nfffffffffffffffff\r\n{}`,
  "a chunk cut off": `${CHUNKED}\r\n100\r\n{}`,
  "a long extension of a chunk": `${CHUNKED}\r\n1;${"a".repeat(20_000)}\r\n{\r\n0\r\n\r\n`,
  "trailers without end": `${CHUNKED}\r\n0\r\n${"x: y\r\n".repeat(5_000)}`,
  "an encoding nobody knows": `${HEAD}Transfer-Encoding: gzip\r\n\r\nx`,
  "no host": "GET /api/runs HTTP/1.1\r\n\r\n",
  "two hosts": `${GET}Host: y\r\n\r\n`,
  "HTTP 9.9": "GET / HTTP/9.9\r\n\r\n",
  "HTTP 0.9": "GET /\r\n\r\n",
  "HTTP 1.0": "GET /api/runs HTTP/1.0\r\n\r\n",
  "HTTP 2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  TLS: "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
  NULs: "\0".repeat(500),
  CONNECT: "CONNECT example.org:443 HTTP/1.1\r\nHost: example.org\r\n\r\n",
  "an upgrade": `${GET}Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\n\r\n`,
  "an expectation": `${HEAD}Expect: the-unexpected\r\nContent-Length: 2\r\n\r\n{}`,
  "a header without a colon": `${GET}nonsense\r\n\r\n`,
  "a header over two lines": `${GET}X-A: b\r\n c\r\n\r\n`,
  "a header with a NUL": `${GET}X-A: b\0c\r\n\r\n`,
  "a name with a blank": `${GET}X A: b\r\n\r\n`,
  "bare line feeds": "GET /api/runs HTTP/1.1\nHost: x\n\n",
  "a thousand headers": `${GET}${Array.from({ length: 1_000 }, (_, n) => `X-${n}: y\r\n`).join("")}\r\n`,
  "headers of 100 KB": `${GET}X: ${"x".repeat(100_000)}\r\n\r\n`,
  "headers that end early": `${GET}X-A: b`,
  "a path with blanks": "GET /api/runs /x HTTP/1.1\r\nHost: x\r\n\r\n",
  "a path of raw bytes": "GET /api/\xff\xfe\x80 HTTP/1.1\r\nHost: x\r\n\r\n",
  "a method nobody knows": "FETCH /api/runs HTTP/1.1\r\nHost: x\r\n\r\n",
  "ten requests at once": `${GET}\r\n`.repeat(10),
};

/** All that comes back until the server hangs up, or for a while. */
async function said(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let heard = "";
  socket.on("data", (piece: Buffer) => (heard += piece.toString("latin1"))).on("error", () => {});
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.end(Buffer.from(bytes, "latin1"));
  await Promise.race([closed, sleep(PATIENCE_MS, undefined, { ref: false })]);
  socket.destroy();
  return heard;
}

const PATIENCE_MS = 2_000;

/** One line for each way in which the server said that it is broken. */
export async function mangledFaults(url: string): Promise<string[]> {
  const answers = await Promise.all(
    Object.entries(MANGLED).map(async ([how, bytes]) => ({ how, answer: await said(url, bytes) })),
  );
  return answers
    .filter(({ answer }) => /^HTTP\/1\.1 5|\n\s+at |node_modules/m.test(answer))
    .map(({ how, answer }) => `${how}: ${answer.slice(0, 300)}`);
}
