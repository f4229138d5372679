/** The two back ends, how their queues are named inside them, and the two ways in which a back end can let us down. */

export type Backend = { kind: "redis"; url: string } | { kind: "postgres"; url: string };

/** Before every key in Redis. */
export const PREFIX = "baton";

/** The schema that BullMQ's tables have to themselves in a Postgres database. */
export const SCHEMA = "baton_queue";

/** The back end cannot be reached right now. Nothing is lost: what the tickets remind of stands in Postgres. */
export class QueueAway extends Error {
  override name = "QueueAway";
}

export type Unfit = "unreachable" | "too_old" | "evicts" | "cluster" | "replica" | "not_allowed" | "schema_ahead";

/** The back end must not be used as it is. The message says what to do about it. */
export class QueueUnfit extends Error {
  override name = "QueueUnfit";
  readonly reason: Unfit;

  constructor(reason: Unfit, message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}

/** Where a URL leads, for messages: never with the password. */
export function placeOf(url: string): string {
  if (!URL.canParse(url)) return "the address given";
  const { host, pathname } = new URL(url);
  return `${host || "the local socket"}${pathname === "/" ? "" : pathname}`;
}

/** Errors of sockets often say nothing but a code, and one of several addresses nothing at all. */
export function saidBy(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ("code" in error ? String(error.code) : error.name);
}
