/** When the work of a packet began and ended, and how long it took: what was given is held against the database's clock, the rest is filled in. */
import { ok, type Result, refused } from "./errors.ts";
import type { PACKET_STATUSES } from "./packet.ts";

interface GivenTimes {
  status: (typeof PACKET_STATUSES)[number];
  started_at?: Date | undefined;
  completed_at?: Date | undefined;
  /** Milliseconds of work; may be less than what lies between the times. */
  duration_ms?: number | undefined;
}

export interface PacketTimes {
  started_at: Date | null;
  completed_at: Date | null;
  duration_ms: number | null;
}

/** `now` is the database's. Work in progress has no end; any other ended now, when nobody says when. */
export function settleTimes(given: GivenTimes, now: Date): Result<PacketTimes> {
  const started_at = given.started_at ?? null;
  const completed_at = given.completed_at ?? (given.status === "in_progress" ? null : now);
  if (started_at !== null && started_at > (completed_at ?? now)) return tooLate(started_at, given.completed_at, now);
  const between = started_at === null || completed_at === null ? null : completed_at.getTime() - started_at.getTime();
  return ok({ started_at, completed_at, duration_ms: given.duration_ms ?? between });
}

function tooLate(started_at: Date, completed_at: Date | undefined, now: Date) {
  const detail =
    completed_at === undefined
      ? `lies in the future: it is ${now.toISOString()} by the database's clock`
      : `is later than completed_at, ${completed_at.toISOString()}`;
  return refused("invalid_request", `started_at ${started_at.toISOString()} ${detail}.`, {
    errors: [{ pointer: completed_at === undefined ? "/started_at" : "/completed_at", detail }],
  });
}
