/** Sends calls to the API and writes each try into the history: before it is sent, and what came of it. A try without an answer makes the next one go to the other API. */
import { setTimeout as pause } from "node:timers/promises";
import { type Client, openClient } from "@baton/client";
import type { Answer, Operation } from "../history/entry.ts";
import { sha256 } from "../history/packet-hash.ts";
import type { History } from "../history/write.ts";

/** What `Client.call` gives, for any route. */
type Called<T> =
  | { ok: true; status: number; value: T; headers: Headers }
  | { ok: false; status: number; problem: { code: string } };

type Sent<T> = { type: "ok"; status: number; value: T } | { type: "fail"; status: number; code: string } | Lost;

/** `info`: it may have happened. */
interface Lost {
  type: "info";
  reason: string;
  /** As the server asked. */
  retry_after_ms: number;
}

export interface Call<T> {
  /** Null: not an operation that the history tells of. */
  operation: Operation | null;
  call: (client: Client, signal: AbortSignal) => Promise<Called<T>>;
  /** What the history tells of the answer, besides its hash. */
  answer?: (value: T) => Answer;
  /** How long it may take until it counts as lost. */
  patience_ms?: number;
}

export interface Desk {
  history: History;
  /** One try. Never throws for a server that is away. */
  send<T>(call: Call<T>): Promise<Sent<T>>;
  /** Until the answer is certain, under the same key; null when the desk closes before. */
  settle<T>(call: Call<T>): Promise<Exclude<Sent<T>, Lost> | null>;
}

export interface DeskOptions {
  urls: readonly string[];
  token: string;
  history: History;
  /** Which URL comes first. */
  first?: number;
  /** Fires when the desk closes: nothing is repeated any more. */
  closing: AbortSignal;
}

const PATIENCE_MS = 8_000;
const PAUSE_MS = 100;
const PAUSE_MAX_MS = 1_000;

export function openDesk({ urls, token, history, first = 0, closing }: DeskOptions): Desk {
  let turn = first;

  async function send<T>(call: Call<T>): Promise<Sent<T>> {
    const url = urls[turn % urls.length] ?? "";
    const id = call.operation && history.invoke(call.operation);
    const sent = await tried(url, token, call, closing);
    if (sent.type === "info") turn += 1;
    if (id !== null) tell(history, id, sent, call.answer);
    return sent;
  }

  async function settle<T>(call: Call<T>): Promise<Exclude<Sent<T>, Lost> | null> {
    while (!closing.aborted) {
      const sent = await send(call);
      if (sent.type === "ok" || (sent.type === "fail" && !isLater(sent))) return sent;
      const asked = sent.type === "info" ? sent.retry_after_ms : 0;
      const wait = Math.min(PAUSE_MAX_MS, Math.max(asked, PAUSE_MS * (1 + Math.random())));
      await pause(wait, undefined, { signal: closing }).catch(() => undefined);
    }
    return null;
  }

  return { history, send, settle };
}

/** The same call is being answered, or there are too many of them. */
function isLater({ status, code }: { status: number; code: string }): boolean {
  return code === "idempotency_in_progress" || status === 429;
}

interface Heard {
  body: string;
  retry_after: string | null;
}

async function tried<T>(
  url: string,
  token: string,
  { call, patience_ms = PATIENCE_MS }: Call<T>,
  closing: AbortSignal,
): Promise<Sent<T> & { body?: string }> {
  let heard: Heard = { body: "", retry_after: null };
  // The client gives what it has understood; the history wants the bytes.
  const listening: typeof fetch = async (...asked) => {
    const response = await fetch(...asked);
    heard = { body: await response.clone().text(), retry_after: response.headers.get("retry-after") };
    return response;
  };
  const in_time = AbortSignal.any([closing, AbortSignal.timeout(patience_ms)]);
  try {
    const called = await call(openClient({ url, token, patience_ms: 0, fetch: listening }), in_time);
    if (called.ok) return { type: "ok", status: called.status, value: called.value, body: heard.body };
    const { status, problem } = called;
    if (status >= 500) return later(`${status} ${problem.code}`, heard);
    return { type: "fail", status, code: problem.code };
  } catch (error) {
    const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return { type: "info", reason, retry_after_ms: 0 };
  }
}

/** Whoever says "later" says when. */
function later(reason: string, { retry_after }: Heard): Lost {
  if (retry_after === null) return { type: "info", reason: `${reason} without Retry-After`, retry_after_ms: 0 };
  return { type: "info", reason, retry_after_ms: Number(retry_after) * 1_000 || 0 };
}

function tell<T>(history: History, id: string, sent: Sent<T> & { body?: string }, answer?: (value: T) => Answer): void {
  switch (sent.type) {
    case "ok":
      return history.ok(id, { answer: sha256(sent.body ?? ""), ...answer?.(sent.value) });
    case "fail":
      return history.fail(id, sent.status, sent.code);
    case "info":
      return history.info(id, sent.reason);
  }
}
