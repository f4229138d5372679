/** A way to a server that can be cut and mended, as networks are. */
import { connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";

export async function flakyWay(url: string) {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  let cut = false;
  const server = createServer((socket) => {
    if (cut) return socket.destroy();
    const onward = connect(Number(port), hostname);
    for (const one of [socket, onward]) {
      open.add(one);
      one.on("error", () => undefined);
      one.once("close", () => open.delete(one));
    }
    socket.pipe(onward).pipe(socket);
    socket.once("close", () => onward.destroy());
    onward.once("close", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    for (const socket of open) socket.destroy();
  };
  onTestFinished(() => {
    close();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut: () => {
      cut = true;
      close();
    },
    mend: () => {
      cut = false;
    },
  };
}
