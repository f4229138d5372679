/** A way to a server on which the answer to the first claim is withheld: the server has given out a lease, and nobody hears of it. */
import { request as ask, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

export async function withholdingWay(target: string): Promise<{ url: string; withheld: () => boolean }> {
  let withheld = false;
  const server = createServer((request, response) => {
    const { url = "/", method, headers } = request;
    const onward = ask(new URL(url, target), { method, headers }, (answer) => {
      if (url === "/api/leases" && !withheld) {
        withheld = true;
        return void answer.resume();
      }
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
  return { url: `http://127.0.0.1:${port}`, withheld: () => withheld };
}
