/** Requests as nobody's client library would send them, over connections that are kept alive: nothing is added, tidied or checked. What the answers mean is others' to say. */
import { Agent, type IncomingHttpHeaders, request } from "node:http";
import { text } from "node:stream/consumers";

export interface Sent {
  method: string;
  /** As it goes over the wire, with its query: visible Latin-1. */
  path: string;
  /** Name and value one after the other; a name may come twice. Host and length are added where they are missing. */
  headers: string[];
  body: string | Buffer;
}

export interface Heard {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** From the first byte sent to the last one heard. */
  ms: number;
}

export interface Wire {
  /** Throws when the connection breaks before the answer is there as a whole. */
  send(sent: Sent): Promise<Heard>;
  close(): void;
}

/** Longer than anything may take; beyond it there is no answer. */
const DEAF_MS = 20_000;

export function openWire(url: string, sockets: number): Wire {
  const { hostname, port, host } = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: sockets });
  const send = async ({ method, path, headers, body }: Sent): Promise<Heard> => {
    const began = performance.now();
    const asked = request({
      ...{ hostname, port, agent, method, path, timeout: DEAF_MS, setHost: false },
      headers: [...headers, ...missing(headers, { host, "content-length": String(Buffer.byteLength(body)) })],
    });
    const heard = new Promise<Heard>((resolve, reject) => {
      asked.once("error", reject).once("timeout", () => asked.destroy(new Error(`no answer in ${DEAF_MS} ms`)));
      asked.once("response", (response) => {
        const whole = (said: string) => ({
          ...{ status: response.statusCode ?? 0, headers: response.headers, body: said },
          ms: performance.now() - began,
        });
        text(response).then((said) => resolve(whole(said)), reject);
      });
    });
    asked.end(body);
    return heard;
  };
  return { send, close: () => agent.destroy() };
}

function missing(headers: readonly string[], needed: Record<string, string>): string[] {
  const there = new Set(headers.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase()));
  return Object.entries(needed).flatMap(([name, value]) => (there.has(name) ? [] : [name, value]));
}
