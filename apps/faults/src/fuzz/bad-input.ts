/** Sends generated bad input to one API and holds each answer against what an answer may be. Counts what it sent, and what came of it. */
import { setTimeout as sleep } from "node:timers/promises";
import { faultOf } from "./judge.ts";
import { inLanes, type Run } from "./lanes.ts";
import { openPool, type Pool } from "./pool.ts";
import { type Asked, anyRequest, type Tool } from "./requests.ts";
import { type Heard, openWire, type Wire } from "./wire.ts";

export interface BadInput extends Run {
  /** Answers by their status. */
  statuses: Map<number, number>;
  slowest_ms: number;
  /** Took longer than allowed once, and not when it was sent again. */
  slow_once: number;
  /** The connection broke before the answer was there, for a body that is too large to be taken in. */
  broken: number;
  seconds: number;
}

const SLOW_MS = 2_000;
const LANES = 8;
/** As many requests as use up what there is to be named. */
const REFILL = 200;

export async function sendBadInput(
  { url, token }: { url: string; token: string },
  effort: { seed: number; cases: number; ms?: number },
): Promise<BadInput> {
  const wire = openWire(url, LANES);
  const began = performance.now();
  try {
    const pool = await openPool(url, token);
    const any = anyRequest(pool, await toolsOf(wire, pool));
    const seen = { statuses: new Map<number, number>(), slowest_ms: 0, slow_once: 0, broken: 0 };
    let sent = 0;
    const check = async (asked: Asked): Promise<string | null> => {
      sent += 1;
      if (sent % REFILL === 0) await pool.refill();
      return judged(wire, asked, seen);
    };
    const run = await inLanes({ lanes: LANES, ...effort }, () => any, check, told);
    return { ...run, ...seen, seconds: (performance.now() - began) / 1_000 };
  } finally {
    wire.close();
  }
}

type Seen = Pick<BadInput, "statuses" | "slowest_ms" | "slow_once" | "broken">;

async function judged(wire: Wire, asked: Asked, seen: Seen): Promise<string | null> {
  const heard = await heardOf(wire, asked);
  if (heard === null) {
    seen.broken += 1;
    return breaks(asked) ? null : "the connection broke, again and again";
  }
  seen.statuses.set(heard.status, (seen.statuses.get(heard.status) ?? 0) + 1);
  const fault = faultOf(asked.route, asked.method, heard);
  if (fault !== null || heard.ms <= SLOW_MS) {
    seen.slowest_ms = Math.max(seen.slowest_ms, heard.ms);
    return fault;
  }
  // The whole machine may have stood still: a request that is slow is slow again.
  const again = [await heardOf(wire, asked), await heardOf(wire, asked)].map((one) => one?.ms ?? 0);
  if (again.every((ms) => ms > SLOW_MS)) return `took ${[heard.ms, ...again].map(Math.round).join(", then ")} ms`;
  seen.slow_once += 1;
  return null;
}

/**
 * Of a body that is not read to its end nobody can be sure to hear the answer: the connection is closed under it. And
 * headers that are not taken in are answered without knowing that nobody wants a body.
 */
function breaks({ method, path, headers, body }: Asked): boolean {
  return Buffer.byteLength(body) > 1_000_000 || (method === "HEAD" && [path, ...headers].join("").length > 10_000);
}

const TRIES = 3;

/** A connection that was kept alive may be closed just as it is used: that is tried again. */
async function heardOf(wire: Wire, asked: Asked): Promise<Heard | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await wire.send(asked);
    } catch (error) {
      if (error instanceof TypeError) throw error;
      if (tries === TRIES) return null;
      await sleep(20 * tries);
    }
  }
}

/** What the server itself says of its tools. */
async function toolsOf(wire: Wire, { tokens }: Pool): Promise<Tool[]> {
  const headers = ["authorization", `Bearer ${tokens.agent}`, "content-type", "application/json"];
  const { body } = await wire.send({
    ...{ method: "POST", path: "/mcp", headers: [...headers, "accept", "application/json, text/event-stream"] },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} }),
  });
  const line = body.split("\n").find((one) => one.startsWith("data:"));
  const { result } = JSON.parse(line?.slice(5) ?? body) as { result: { tools: Tool[] } };
  return result.tools;
}

/** As much as it takes to see what it is, and to send it again by hand. */
function told({ method, path, headers, body, how }: Asked): string {
  const text = Buffer.isBuffer(body) ? body.toString("latin1") : body;
  const shown = headers.map((one) => (one.startsWith("Bearer baton_") ? `${one.slice(0, 20)}…` : one.slice(0, 100)));
  return [
    `${method} ${path.slice(0, 300)}`,
    `headers ${JSON.stringify(shown)}`,
    `body of ${body.length} bytes ${JSON.stringify(text.slice(0, 600))}`,
    `spoilt: ${how.join("; ") || "nothing"}`,
  ].join("\n  ");
}
