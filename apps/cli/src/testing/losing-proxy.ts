/** A way to a server on which answers are lost: the server has done what it was asked to, and nobody hears of it. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export interface LosingProxy {
  url: string;
  /** Breaks the connection in place of each of the next answers. */
  lose: (answers: number) => void;
  /** How many are still to be lost. */
  left: () => number;
  /** How many pieces of requests have gone through. */
  asked: () => number;
}

export async function losingProxy(target: string): Promise<LosingProxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let to_lose = 0;
  let asked = 0;
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on("error", () => {});
    }
    near.on("data", () => (asked += 1)).pipe(far);
    far.on("data", (answer) => {
      if (to_lose === 0) return void near.write(answer);
      to_lose -= 1;
      near.destroy();
    });
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    lose: (answers) => (to_lose = answers),
    left: () => to_lose,
    asked: () => asked,
  };
}
