/** Clients that are slow on purpose: each holds a connection with as little as it can. When the server ends it, and with which words, is kept. */
import { connect, type Socket } from "node:net";

export const WAYS = ["headers", "body", "message", "refused body", "reader"] as const;
export type SlowWay = (typeof WAYS)[number];

export interface SlowClient {
  way: SlowWay;
  /** The server has taken it. */
  readonly connected: boolean;
  /** Undefined while the connection is open. */
  readonly ended_ms: number | undefined;
  /** The status that it heard first; 0 for none. */
  readonly status: number;
  close(): void;
}

const DRIP_MS = 1_000;
const post = (path: string, token: string) =>
  `POST ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n`;

/** What is said at once, and what then comes a byte at a time. */
const OPENINGS: Record<SlowWay, (token: string) => string> = {
  headers: () => "GET /api/runs HTTP/1.1\r\nHost: x\r\nX-Slow: ",
  body: (token) => post("/api/runs", token),
  message: (token) => post("/mcp", token),
  "refused body": () => post("/api/runs", "nobody"),
  reader: () => "GET /api/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20),
};

export function slowClient(url: string, token: string, way: SlowWay): SlowClient {
  const { hostname, port } = new URL(url);
  const began = performance.now();
  const socket: Socket = connect(Number(port), hostname);
  let ended_ms: number | undefined;
  let connected = false;
  let heard = "";
  socket
    .on("error", () => {})
    .on("data", (piece: Buffer) => (heard = `${heard}${piece.toString("latin1")}`.slice(0, 100)));
  socket.once("connect", () => (connected = true));
  socket.once("close", () => (ended_ms = performance.now() - began));
  if (way === "reader") socket.pause();
  socket.write(OPENINGS[way](token));
  const drip = setInterval(() => {
    if (way !== "reader" && socket.writable) socket.write(" ");
    if (socket.destroyed) clearInterval(drip);
  }, DRIP_MS);
  return {
    way,
    get connected() {
      return connected;
    },
    get ended_ms() {
      return ended_ms;
    },
    get status() {
      return Number(/^HTTP\/1\.1 (\d+)/.exec(heard)?.[1] ?? 0);
    },
    close: () => {
      clearInterval(drip);
      socket.destroy();
    },
  };
}
