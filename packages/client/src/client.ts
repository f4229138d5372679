/** Calls the API by the names of the route table. An answer is parsed, a refusal is a value; a server that is away is asked again for a while. */
import { randomUUID } from "node:crypto";
import { type Answer, type Given, ProblemView, ROUTES, type Route, type RouteName } from "@baton/domain/api";
import { type Heard, patiently, ServerAway } from "./patience.ts";

export interface ClientOptions {
  /** Where the API listens, e.g. `http://127.0.0.1:3000`. */
  url: string;
  token: string;
  /** How long a call is repeated while the server does not answer or says "later" (429, 503), in ms from when it began to. */
  patience_ms?: number;
  fetch?: typeof fetch;
}

type Table = typeof ROUTES;
type Parts<R> = { [K in "params" | "query" | "body" as Given<R, K> extends undefined ? never : K]: Given<R, K> };

/** A file to send. A stream can be sent once: such a call is not repeated. A large file on disk is best an `openAsBlob` of it. */
export type Upload = Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

/** What a call with a file is given besides its input. */
type File<R> = R extends { upload: true }
  ? {
      file: Upload;
      media_type?: string;
      /** SHA-256 in hex, held against what arrives. */
      sha256?: string;
    }
  : unknown;

/** What may be left out: whatever takes `{}`. */
type Spare<P> = { [K in keyof P]: {} extends P[K] ? K : never }[keyof P];
type Inputs<R> = Omit<Parts<R>, Spare<Parts<R>>> & Partial<Pick<Parts<R>, Spare<Parts<R>>>>;

/** What a call can be given besides its input. */
interface Care {
  signal?: AbortSignal;
  /** Made by the client when left out; the same for every repetition of a call. */
  idempotency_key?: string;
}

type Whole<R> = Inputs<R> & File<R>;
type CallInput<R> = {} extends Whole<R> ? [input?: Whole<R> & Care] : [input: Whole<R> & Care];

/** `value` is null for an answer without a body, and the stream of the bytes for a file: it breaks when they are not all there. */
export type Called<R extends Route> =
  | {
      ok: true;
      status: number;
      value: R extends { download: true } ? ReadableStream<Uint8Array> : Answer<R>;
      headers: Headers;
    }
  | { ok: false; status: number; problem: ProblemView };

export interface Client {
  /**
   * Throws `ServerAway` when nobody answers in time, and the signal's reason when it fires. Sends a call again only when
   * it is done once all the same: one that reads, one with a key, a claim. Such a repetition may wait for work anew.
   */
  call<N extends RouteName>(name: N, ...input: CallInput<Table[NoInfer<N>]>): Promise<Called<Table[NoInfer<N>]>>;
}

interface AnyInput extends Care {
  params?: Record<string, string>;
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  file?: Upload;
  media_type?: string;
  sha256?: string;
}

const PATIENCE_MS = 30_000;

/** A bad URL or token throws here, not at the first call. */
export function openClient({ url, token, patience_ms = PATIENCE_MS, fetch: send = fetch }: ClientOptions): Client {
  const base = new URL(url);
  const bearer = new Headers({ authorization: `Bearer ${token}` });
  return {
    call: async (name, ...given) => {
      const route: Route = ROUTES[name];
      const [input = {}] = given as [AnyInput?];
      const request = requestOf(base, bearer, route, input);
      const heard = await patiently(send, request, {
        patience_ms: input.file instanceof ReadableStream ? 0 : patience_ms,
        repeatable: isRepeatable(route, input),
        file: route.upload ? "sent" : route.download ? "awaited" : "none",
        ...(input.signal && { signal: input.signal }),
      });
      return read(route, heard) as never;
    },
  };
}

function isRepeatable(route: Route, { body }: AnyInput): boolean {
  if (route.once || route.method !== "post") return true;
  return typeof body === "object" && body !== null && "claim_id" in body;
}

/** Repeated calls are one call to the server: the key is made once. */
function requestOf(base: URL, bearer: Headers, route: Route, input: AnyInput): { url: URL; init: RequestInit } {
  const headers = new Headers(bearer);
  if (route.once) headers.set("idempotency-key", input.idempotency_key ?? randomUUID());
  if (!route.download) headers.set("accept", "application/json");
  if (route.upload) return { url: addressOf(base, route, input), init: uploadOf(route, headers, input) };
  if (route.body) headers.set("content-type", "application/json");
  const body = route.body ? { body: JSON.stringify(input.body ?? {}) } : {};
  return { url: addressOf(base, route, input), init: { method: route.method.toUpperCase(), headers, ...body } };
}

function uploadOf(route: Route, headers: Headers, { file, media_type, sha256 }: AnyInput): RequestInit {
  headers.set("content-type", media_type ?? "application/octet-stream");
  if (sha256 !== undefined) headers.set("x-checksum-sha256", sha256);
  const init = { method: route.method.toUpperCase(), headers, body: file ?? new Uint8Array() };
  return file instanceof ReadableStream ? { ...init, duplex: "half" } : init;
}

function addressOf(base: URL, route: Route, { params = {}, query = {} }: AnyInput): URL {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => segment(name, params[name]));
  const address = new URL(base.pathname.replace(/\/$/, "") + path, base);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) address.searchParams.set(name, String(value));
  }
  return address;
}

/** An empty segment or one of dots would lead elsewhere, and no encoding keeps a URL from reading the dots. */
function segment(name: string, value = ""): string {
  if (/^\.{0,2}$/.test(value)) throw new TypeError(`"${value}" cannot be the ${name} in a path`);
  return encodeURIComponent(value);
}

function read(route: Route, { status, headers, text, file }: Heard): Called<Route> {
  const body = parsed(text);
  if (status >= 200 && status < 300) {
    if (route.download) return { ok: true, status, headers, value: (file ?? new Blob([]).stream()) as never };
    const plain = route.text && headers.get("content-type")?.startsWith("text/plain");
    if (plain) return { ok: true, status, headers, value: text as never };
    const schema = route.answers[status as 200 | 201 | 204];
    const value = schema === null ? { success: true as const, data: null } : schema?.safeParse(body);
    if (value?.success) return { ok: true, status, headers, value: value.data as never };
    throw new ServerAway("What answers is not this version of Baton: the answer does not have the shape expected.");
  }
  const problem = ProblemView.safeParse(body);
  if (problem.success) return { ok: false, status, problem: problem.data };
  throw new ServerAway(`What answers is not Baton: status ${status} without a problem.`);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
