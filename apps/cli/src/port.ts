/** Whether the address the API is to listen on is free: asked before anything is started, so that the answer is plain. */
import { createServer } from "node:net";

/** Null when it is free, else why not, in one line. */
export function whyNotListen(host: string, port: number): Promise<string | null> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once("error", (error: NodeJS.ErrnoException) => resolve(explain(error, host, port)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): string {
  const known: Record<string, string> = {
    EADDRINUSE: `Port ${port} on ${host} is in use. Choose another one with --port or PORT.`,
    EACCES: `Port ${port} needs more rights than this account has. Choose one above 1023 with --port or PORT.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. HOST is usually 127.0.0.1 or 0.0.0.0.`,
    ENOTFOUND: `${host} is no address of this machine. HOST is usually 127.0.0.1 or 0.0.0.0.`,
  };
  return known[error.code ?? ""] ?? `Nothing can listen on ${host}:${port}: ${error.message}`;
}
