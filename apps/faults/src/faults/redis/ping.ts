/** Whether a Redis answers: asked on a connection of its own, once, and with a limit. */
import { connect } from "node:net";

export function answersPing(url: string, limit_ms: number): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const limit = setTimeout(() => resolve(false), limit_ms);
  socket.on("error", () => resolve(false));
  socket.on("close", () => resolve(false));
  // An error is no word of life that anybody could use.
  socket.once("data", (word) => resolve(word.toString().startsWith("+PONG")));
  socket.write("PING\r\n");
  return promise.finally(() => {
    clearTimeout(limit);
    socket.destroy();
  });
}
