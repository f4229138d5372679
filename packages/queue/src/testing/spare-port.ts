/** A port that nobody listens on. */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * Below those that systems give to outgoing connections: while a server is down, a client that knocks at its port again and
 * again must neither be given that very port (it would be connected with itself) nor find it taken when the server comes back.
 */
const [FROM, TO] = [12_000, 32_000];

export async function sparePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FROM, TO);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
