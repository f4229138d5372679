/** The HTTP server around the application: time-outs, limits, what is said to requests that never became one, and the graceful end. */
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { ErrorCode } from "@baton/domain";
import { ERRORS } from "@baton/domain";
import type { Express } from "express";
import type { Drain } from "./drain.ts";
import { problemView } from "./problems.ts";

/**
 * They concern the receiving of a request, `silence` aside; how long an answer may take is not limited here. As a whole it may take as
 * long as the longest upload: any other body has a deadline of its own (`body.ts`).
 */
const LIMITS = {
  headersTimeout: 10_000,
  requestTimeout: 630_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1_024,
  /** Without a byte in either direction: longer than any long poll. Else whoever reads no answer keeps it for ever. */
  silence: 120_000,
};

export type ServerLimits = Partial<typeof LIMITS>;

export function httpServer(app: Express, limits: ServerLimits = {}): Server {
  const { silence, ...receiving } = { ...LIMITS, ...limits };
  const server = createServer(receiving, app);
  server.setTimeout(silence);
  server.on("clientError", answerBadRequest);
  return server;
}

/**
 * Connections that wait to be taken: as many as a system commonly allows. Thousands of agents come back at once after a restart,
 * and of Node's 511 the rest are reset.
 */
const BACKLOG = 4_096;

/** Throws what `listen` throws, e.g. EADDRINUSE. */
export async function listen(server: Server, port: number, host: string): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host, backlog: BACKLOG }, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const { address, family, port: chosen } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${chosen}`;
}

/** Takes no more connections, sends those home who wait, and resolves when the last answer is out. */
export async function drainServer(server: Server, drain: Drain): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  drain.begin();
  // An answer under way leaves its connection open for the next request, which must not come any more.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  await closed;
  clearInterval(sweep);
}

const SWEEP_MS = 20;

function answerBadRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [code, detail] = refusalOf(error.code);
  const body = JSON.stringify(problemView({ code, detail }));
  const { status } = ERRORS[code];
  socket.end(
    [
      `HTTP/1.1 ${status} ${REASONS[status] ?? "Bad Request"}`,
      "Connection: close",
      "Content-Type: application/problem+json",
      `Content-Length: ${Buffer.byteLength(body)}`,
      "",
      body,
    ].join("\r\n"),
  );
}

const REASONS: Record<number, string> = { 408: "Request Timeout", 431: "Request Header Fields Too Large" };

function refusalOf(code: string | undefined): [ErrorCode, string] {
  if (code === "HPE_HEADER_OVERFLOW") return ["headers_too_large", "The headers are larger than 16 KB."];
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return ["request_timeout", "The request did not arrive in time."];
  return ["invalid_request", "This is not HTTP."];
}
