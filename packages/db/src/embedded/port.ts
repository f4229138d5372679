/** Chooses the port of the embedded server: the one it had last time when that is still free, else any free one. */
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";

export async function choosePort(folder: string): Promise<number> {
  const note = join(folder, "port");
  const kept = Number(await readFile(note, "utf8").catch(() => "0"));
  const port = (await tryPort(kept)) ?? (await tryPort(0));
  if (port === null) throw new Error("No port is free on 127.0.0.1.");
  if (port !== kept) await writeFile(note, String(port));
  return port;
}

/** Port 0 asks the system for a free one. */
function tryPort(port: number): Promise<number | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", () => resolve(null));
    server.listen({ port, host: "127.0.0.1" }, () => {
      const address = server.address();
      const given = typeof address === "object" && address !== null ? address.port : null;
      server.close(() => resolve(given));
    });
  });
}
