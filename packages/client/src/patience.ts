/** Asks again for a while when nobody answers or the server says "later". Whether an unanswered call may be sent again is the caller's word. */
import { setTimeout as pause } from "node:timers/promises";

/** A whole answer: one that broke off does not count as one. */
export interface Heard {
  status: number;
  headers: Headers;
  text: string;
  /** In place of the text, when a file was awaited and is coming: whether it is whole shows at its end. */
  file?: ReadableStream<Uint8Array> | null;
}

export class ServerAway extends Error {
  override name = "ServerAway";
}

interface Care {
  /** Counted from the moment when it first went wrong: a long poll that breaks off late has all of it. */
  patience_ms: number;
  /** Sent twice it is done once. Without this only a plain "later" is a reason to send it again. */
  repeatable: boolean;
  /** Whether bytes are under way that take their time. */
  file?: "none" | "sent" | "awaited";
  signal?: AbortSignal;
}

/** Longer than the longest long poll. */
const ANSWER_MS = 45_000;
/** As long as the server waits for the whole of a file. */
const SENT_MS = 630_000;

export async function patiently(
  send: typeof fetch,
  { url, init }: { url: URL; init: RequestInit },
  { patience_ms, repeatable, file = "none", signal }: Care,
): Promise<Heard> {
  let away_since: number | null = null;
  for (let tries = 0; ; tries += 1) {
    signal?.throwIfAborted();
    const heard = await listen(send, url, init, file, signal);
    const wait = repeatable || isRefused(heard) ? pauseMs(tries, heard, Math.random()) : null;
    if (wait === null && !(heard instanceof Error)) return heard;
    const now = performance.now();
    away_since ??= now;
    if (wait === null || now + wait > away_since + patience_ms) {
      if (heard instanceof Error) throw new ServerAway(whyAway(url, heard, repeatable), { cause: heard });
      return heard;
    }
    await pause(wait, undefined, signal && { signal }).catch((error: unknown) => {
      signal?.throwIfAborted();
      throw error;
    });
  }
}

/** The server says itself that nothing was done, or nobody was there to do it. */
function isRefused(heard: Heard | Error): boolean {
  if (heard instanceof Error) return codeOf(heard) === "ECONNREFUSED";
  return heard.status === 429 || heard.status === 503;
}

function whyAway({ origin }: URL, error: Error, repeatable: boolean): string {
  const code = codeOf(error);
  const why = code === undefined ? "" : ` (${code})`;
  if (repeatable || code === "ECONNREFUSED") return `Nobody answers at ${origin}${why}.`;
  return `The connection to ${origin} broke before the answer came${why}: whether it was done is not known.`;
}

/** The system's word is some causes down. */
function codeOf(error: Error): string | undefined {
  const { cause } = error;
  if ("code" in error && typeof error.code === "string") return error.code;
  return cause instanceof Error ? codeOf(cause) : undefined;
}

/** An error is given, not thrown, when there was no whole answer: nothing is known about what the server did. */
async function listen(
  send: typeof fetch,
  url: URL,
  init: RequestInit,
  file: NonNullable<Care["file"]>,
  signal?: AbortSignal,
): Promise<Heard | Error> {
  const in_time = new AbortController();
  const late = setTimeout(() => in_time.abort(new Error("no answer in time")), file === "sent" ? SENT_MS : ANSWER_MS);
  const signals = signal ? AbortSignal.any([signal, in_time.signal]) : in_time.signal;
  try {
    const answer = await send(url, { ...init, signal: signals });
    const { status, headers } = answer;
    // The bytes have all the time they need; whoever reads them gives up with the signal.
    if (file === "awaited" && answer.ok) return { status, headers, text: "", file: answer.body };
    return { status, headers, text: await answer.text() };
  } catch (error) {
    signal?.throwIfAborted();
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    clearTimeout(late);
  }
}

const BASE_MS = 100;
const CAP_MS = 5_000;

/** How long to wait before the next try; null when there is nothing to try again. `random` (0 to 1) keeps many clients from coming back at once. */
export function pauseMs(tries: number, heard: Heard | Error, random: number): number | null {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(tries, 10));
  const jittered = ceiling / 2 + (random * ceiling) / 2;
  if (heard instanceof Error) return jittered;
  if (!LATER.has(heard.status) && !stillRunning(heard)) return null;
  return Math.max(jittered, retryAfterMs(heard.headers));
}

/** Too many, or something between us and Postgres is away: 502 and 504 come from what stands before the server. */
const LATER = new Set([429, 502, 503, 504]);

/** Given in seconds, or as a date. */
function retryAfterMs(headers: Headers): number {
  const asked = headers.get("retry-after");
  if (asked === null) return 0;
  const seconds = Number(asked);
  const ms = Number.isNaN(seconds) ? Date.parse(asked) - Date.now() : seconds * 1_000;
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}

/** The same call, sent before, has no answer yet. */
function stillRunning({ status, text }: Heard): boolean {
  return status === 409 && text.includes('"idempotency_in_progress"');
}
