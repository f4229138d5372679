/** A way to a server that can be shut for some of its paths: what is asked there breaks off without an answer. */
import { request as ask, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export interface ShutWay {
  url: string;
  shut: (paths: RegExp) => void;
  open: () => void;
  /** The paths that were asked for, in order, also those that were shut. */
  asked: string[];
}

export async function shutWay(target: string): Promise<ShutWay> {
  const asked: string[] = [];
  let shut: RegExp | null = null;
  const server = createServer((request, response) => {
    const { url = "/", method, headers } = request;
    asked.push(url);
    if (shut?.test(url)) return void request.socket.destroy();
    const onward = ask(new URL(url, target), { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.once("error", () => response.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    shut: (paths) => (shut = paths),
    open: () => (shut = null),
    asked,
  };
}
