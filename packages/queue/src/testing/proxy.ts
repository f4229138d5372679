/** The way to a server, for tests that cut it: whoever connects through it sees the server die, hang and come back. */
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { sparePort } from "./spare-port.ts";

export interface Proxy {
  /** The server's URL, through the proxy. */
  url: string;
  /** Breaks all connections and refuses new ones. */
  cut(): Promise<void>;
  /** Keeps all connections and lets nothing through any more. */
  freeze(): void;
  heal(): Promise<void>;
  close(): Promise<void>;
}

export async function startProxy(target_url: string, default_port: number): Promise<Proxy> {
  const target = new URL(target_url);
  const port = await sparePort();
  const sockets = new Set<Socket>();
  let frozen = false;
  let server: Server | undefined;

  const adopt = (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => sockets.delete(socket));
    if (frozen) socket.pause();
  };
  const open = async () => {
    server = createServer((near) => {
      const far = connect(Number(target.port || default_port), target.hostname);
      near.pipe(far);
      far.pipe(near);
      near.once("close", () => far.destroy());
      far.once("close", () => near.destroy());
      adopt(near);
      adopt(far);
    }).listen(port, "127.0.0.1");
    await once(server, "listening");
  };
  const cut = async () => {
    if (server === undefined) return;
    const gone = once(server, "close");
    server.close();
    server = undefined;
    for (const socket of sockets) socket.destroy();
    await gone;
  };
  await open();
  const url = new URL(target_url);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    cut,
    freeze: () => {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    heal: async () => {
      frozen = false;
      for (const socket of sockets) socket.resume();
      if (server === undefined) await open();
    },
    close: cut,
  };
}
