/** Looks on from outside: reads from each API a few times a second, whatever is broken, and notes every answer and how long it took. */
import { setTimeout as pause } from "node:timers/promises";
import type { Cluster } from "../cluster/cluster.ts";
import type { Violation } from "../scenario.ts";

export interface Look {
  /** 0: no answer. */
  status: number;
  ms: number;
  retry_after: boolean;
}

const EVERY_MS = 250;
/** Longer than any answer may take. */
const PATIENCE_MS = 15_000;

/** Gives the way to stop, which waits for what is still asked and gives what was seen. */
export function lookOn({ api_urls, token }: Cluster): () => Promise<Look[]> {
  const looks: Promise<Look>[] = [];
  let enough = false;
  const looking = (async () => {
    while (!enough) {
      for (const url of api_urls) looks.push(look(url, token));
      await pause(EVERY_MS);
    }
  })();
  return async () => {
    enough = true;
    await looking;
    return Promise.all(looks);
  };
}

export async function look(url: string, token: string): Promise<Look> {
  const from = performance.now();
  try {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(`${url}/api/projects`, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
    await answer.text();
    return { status: answer.status, ms: performance.now() - from, retry_after: answer.headers.has("retry-after") };
  } catch {
    return { status: 0, ms: performance.now() - from, retry_after: false };
  }
}

/** Every query has a deadline of 5 s, and a request asks more than once only when the first was answered. */
const ANSWER_MS = 8_000;

/** Whether each was answered in time, with 200 or with a 503 that says when to come again. */
export function judgeLooks(looks: readonly Look[]): Violation[] {
  const late = looks.filter(({ status, ms }) => status === 0 || ms > ANSWER_MS);
  const odd = looks.filter(
    ({ status, retry_after }) => status !== 0 && status !== 200 && !(status === 503 && retry_after),
  );
  return [
    ...late.slice(0, 3).map(({ status, ms }) => ({
      invariant: "every request is answered in time",
      detail: `${status === 0 ? "no answer" : status} after ${Math.round(ms)} ms; ${late.length} like this`,
    })),
    ...odd.slice(0, 3).map(({ status, retry_after }) => ({
      invariant: "clients see only 503 with Retry-After",
      detail: `${status}, Retry-After ${retry_after ? "is" : "is not"} there; ${odd.length} like this`,
    })),
  ];
}
