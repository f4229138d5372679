/** A server answers a ping or it does not: away, silent and broken are all the same. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { answersPing } from "./ping.ts";

const LIMIT_MS = 200;
const PATIENCE_MS = 10_000;

async function serverThat(does: (client: Socket) => void): Promise<string> {
  const server = createServer((client) => {
    client.on("error", () => {});
    does(client);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("unreachable");
  return `redis://127.0.0.1:${address.port}`;
}

test("one that says PONG answers", async () => {
  const url = await serverThat((client) => client.on("data", () => client.write("+PONG\r\n")));
  expect(await answersPing(url, PATIENCE_MS)).toBe(true);
});

test("one that takes the connection and says nothing does not", async () => {
  expect(await answersPing(await serverThat(() => {}), LIMIT_MS)).toBe(false);
});

test("one that hangs up, or says something else, does not, and is not waited for", async () => {
  const leaves = await serverThat((client) => client.end());
  const refuses = await serverThat((client) => client.on("data", () => client.write("-LOADING wait\r\n")));
  expect(await answersPing(leaves, PATIENCE_MS)).toBe(false);
  expect(await answersPing(refuses, PATIENCE_MS)).toBe(false);
});

test("one that is not there does not", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("unreachable");
  server.close();
  await once(server, "close");
  expect(await answersPing(`redis://127.0.0.1:${address.port}`, PATIENCE_MS)).toBe(false);
});
