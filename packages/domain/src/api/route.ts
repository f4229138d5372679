/** What a call is: its place, who may make it, what goes in and what comes out. Server, client and documentation are derived from it. */
import type { z } from "zod";
import type { ErrorCode } from "../errors.ts";
import type { Role } from "../roles.ts";

/** With `:id` where an id stands. */
type Path = `/api/${string}`;

export const TAGS = [
  ...["projects", "features", "runs", "tasks", "leases"],
  ...["handoffs", "contracts", "artifacts", "proofs", "roles", "tokens", "system"],
] as const;

interface Call {
  /** `anyone`: no token needed, though one may say more. */
  roles: readonly Role[] | "anyone";
  tag: (typeof TAGS)[number];
  summary: string;
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /** By status; null for an answer without a body. */
  answers: Partial<Record<200 | 201 | 204, z.ZodType | null>>;
  /** What can be refused here besides what any call can be refused for. */
  refusals?: readonly ErrorCode[];
  /** Takes an `Idempotency-Key`. Claims have their `claim_id` instead, a session is not stored. */
  once?: true;
  /** The answer holds a secret. */
  secret?: true;
  /** The body holds a packet, which has a size limit of its own: in its field `packet`, or as the whole body. */
  packet?: true | "body";
  /** The body is a file, taken as a stream: `body` is not parsed. */
  upload?: true;
  /** An upload that may come as multipart/form-data too: these fields beside the one named `file`, in place of the query. */
  form?: z.ZodType;
  /** May answer plain text in place of JSON, when it is asked for. */
  text?: true;
  /** Answers a file, given as a stream: the media type is the file's own. */
  download?: true;
  /** May wait for work. */
  wait?: true;
}

export interface Route extends Call {
  method: "get" | "post" | "put" | "patch" | "delete";
  path: Path;
}

export function get<const P extends Path, const C extends Call>(path: P, call: C) {
  return { method: "get", path, ...call } as const;
}

export function post<const P extends Path, const C extends Call>(path: P, call: C) {
  return { method: "post", path, ...call } as const;
}

export function put<const P extends Path, const C extends Call>(path: P, call: C) {
  return { method: "put", path, ...call } as const;
}

export function patch<const P extends Path, const C extends Call>(path: P, call: C) {
  return { method: "patch", path, ...call } as const;
}

export function remove<const P extends Path, const C extends Call>(path: P, call: C) {
  return { method: "delete", path, ...call } as const;
}

type Part<R, K extends "params" | "query" | "body"> = R extends { [P in K]: infer S extends z.ZodType } ? S : never;

/** What a handler gets: parsed, with defaults filled in. `undefined` where the call takes none. */
export type Parsed<R, K extends "params" | "query" | "body"> = [Part<R, K>] extends [never]
  ? undefined
  : z.output<Part<R, K>>;

/** What a caller gives. */
export type Given<R, K extends "params" | "query" | "body"> = [Part<R, K>] extends [never]
  ? undefined
  : z.input<Part<R, K>>;

type Bodies<R extends Route> = R["answers"][keyof R["answers"]];

/** What a call answers when it is not refused; null for an answer without a body, a string for plain text. */
export type Answer<R extends Route> =
  | (Bodies<R> extends infer A ? (A extends z.ZodType ? z.output<A> : null) : never)
  | (R extends { text: true } ? string : never);
