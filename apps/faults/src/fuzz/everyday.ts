/** What everybody else does meanwhile: ordinary calls one after the other, and how long each took. */
import { setTimeout as pause } from "node:timers/promises";
import { handsOf, SCENES } from "./scenes.ts";
import { sentOf } from "./threefold.ts";
import { openWire, type Sent } from "./wire.ts";

export interface Everyday {
  /** Sorted. */
  ms: number[];
  /** Answers that were no success. */
  refused: string[];
}

const BETWEEN_MS = 20;
const CALLS = ["createRun", "claim", "heartbeat", "complete", "postMessage"] as const;
const HEALTH: Sent = { method: "GET", path: "/healthz", headers: [], body: "" };

/** Until `over` says so. What makes the scenes is not measured. */
export async function everyday(url: string, token: string, over: () => boolean): Promise<Everyday> {
  const wire = openWire(url, 2);
  const hands = handsOf(url, token);
  const seen: Everyday = { ms: [], refused: [] };
  try {
    for (let n = 0; !over(); n += 1) {
      const name = CALLS[n % CALLS.length] ?? "createRun";
      const call = await SCENES[name](hands);
      for (const sent of [sentOf(name, call, token, crypto.randomUUID()), HEALTH]) {
        const { ms, status, body } = await wire.send(sent);
        seen.ms.push(ms);
        if (status >= 300) seen.refused.push(`${sent.method} ${sent.path} is told ${status} ${body.slice(0, 200)}`);
      }
      await pause(BETWEEN_MS);
    }
  } finally {
    wire.close();
  }
  seen.ms.sort((a, b) => a - b);
  return seen;
}

/** `share` from 0 to 1, of a sorted list. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
