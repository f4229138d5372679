/** The sample run, while the line comes down again. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { openClient } from "@baton/client";
import { expect, test } from "vitest";
import { submitSample } from "./sample.ts";
import { testFolder } from "./testing/processes.ts";

test("a stop in its middle ends it at once, though a server that is away would be waited for", async () => {
  const server = createServer((request) => {
    request.socket.destroy();
    server.close();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const ending = new AbortController();
  const client = openClient({ url: `http://127.0.0.1:${port}`, token: "secret" });
  const sent = submitSample(client, testFolder(), ending.signal);
  await once(server, "close");
  ending.abort(new Error("the line comes down"));
  await expect(sent).rejects.toThrow("the line comes down");
});
