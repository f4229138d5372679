/** I3: at most one lease per task and epoch, epochs rise, and no two leases of a task ever live at once, by the database's clock. */
import type { AttemptRow } from "@baton/db";
import { type Call, named } from "../../history/read.ts";
import type { Evidence, Invariant, Life } from "../evidence.ts";
import { found } from "../told.ts";

export const oneLeaseAtATime: Invariant = (calls, evidence) => {
  const told = toldUntil(calls);
  return found("one lease per task and epoch", [
    ...givenTwice(calls),
    ...wronglyTold(calls, evidence.lives),
    ...revived(calls, evidence.lives),
    ...evidence.lives.flatMap((life) => [...epochsOf(life), ...livesOf(life, told), ...overlaps(life, evidence)]),
  ]);
};

function leasesTold(calls: readonly Call[]) {
  return named(calls, "claim").flatMap(({ end }) => (end.type === "ok" && end.answer.lease ? [end.answer.lease] : []));
}

function givenTwice(calls: readonly Call[]): string[] {
  const byEpoch = Map.groupBy(leasesTold(calls), ({ task_id, epoch }) => `epoch ${epoch} of task ${task_id}`);
  return [...byEpoch].flatMap(([which, leases]) => {
    const ids = new Set(leases.map(({ lease_id }) => lease_id));
    return ids.size > 1 ? [`${which} was given ${ids.size} times: ${[...ids].join(", ")}`] : [];
  });
}

function wronglyTold(calls: readonly Call[], lives: readonly Life[]): string[] {
  const attempts = new Map(lives.flatMap((life) => life.attempts.map((attempt) => [attempt.id, attempt] as const)));
  return leasesTold(calls).flatMap(({ lease_id, task_id, epoch, stage, visit }) => {
    const stored = attempts.get(lease_id);
    if (stored === undefined) return [`lease ${lease_id} of task ${task_id} was given and is not there`];
    const said = `task ${task_id} epoch ${epoch} ${stage} visit ${visit}`;
    const is = `task ${stored.task_id} epoch ${stored.epoch} ${stored.stage} visit ${stored.visit}`;
    return said === is ? [] : [`lease ${lease_id} was given for ${said} and is of ${is}`];
  });
}

/**
 * A sign of life that was taken after the lease was over. `expires_at` tells when it was taken, by the database's clock; and
 * what may have been taken before it, until when the lease lived by then. One whose answer nobody has may have made it longer.
 */
function revived(calls: readonly Call[], lives: readonly Life[]): string[] {
  const leases = new Map(lives.flatMap(({ attempts }) => attempts.map(({ id, lease_ms }) => [id, lease_ms] as const)));
  const claims = Map.groupBy(leasesTold(calls), ({ lease_id }) => lease_id);
  const beats = Map.groupBy(named(calls, "heartbeat", "checkpoint"), ({ operation }) => operation.lease_id);
  return [...beats].flatMap(([lease_id, signs]) => {
    const [given, lease_ms] = [claims.get(lease_id)?.[0], leases.get(lease_id)];
    if (given === undefined || lease_ms === undefined) return [];
    return signs.flatMap((sign) => {
      const until = toldBy(sign);
      if (until === null || sign.end.type !== "ok") return [];
      const { at } = sign.end;
      const others = signs.filter((other) => other !== sign && other.invoked_at < at);
      if (others.some(({ end }) => end.type === "info")) return [];
      const lived = Math.max(Date.parse(given.expires_at), ...others.map((other) => toldBy(other) ?? 0));
      const late = until - lease_ms - lived;
      const { op, epoch, task_id } = sign.operation;
      return late > ROUNDED_MS
        ? [`${op} under epoch ${epoch} of task ${task_id} was taken ${late} ms after its lease was over`]
        : [];
    });
  });
}

/** Until when a sign of life made the lease live; null when it did not. */
function toldBy({ end }: Call): number | null {
  if (end.type !== "ok" || end.answer.expires_at === undefined || end.answer.directive === "cancel") return null;
  return Date.parse(end.answer.expires_at);
}

function epochsOf({ task, attempts, events }: Life): string[] {
  const claimed = events.filter(({ type }) => type === "claimed").map(({ epoch }) => epoch);
  const dense = (epochs: number[]) => epochs.length === task.epoch && epochs.every((epoch, i) => epoch === i + 1);
  if (dense(claimed) && dense(attempts.map(({ epoch }) => epoch))) return [];
  return [
    `the epochs of task ${task.id}, which is at ${task.epoch}, do not rise by one: claimed ${claimed.join(", ")}`,
  ];
}

/** The latest end that a holder was told of, by lease. */
function toldUntil(calls: readonly Call[]): Map<string, number> {
  const until = new Map<string, number>();
  const tell = (lease_id: string, expires_at: string) =>
    until.set(lease_id, Math.max(until.get(lease_id) ?? 0, Date.parse(expires_at)));
  for (const { lease_id, expires_at } of leasesTold(calls)) tell(lease_id, expires_at);
  for (const { operation, end } of named(calls, "heartbeat", "checkpoint")) {
    if (end.type !== "ok" || end.answer.expires_at === undefined || end.answer.directive === "cancel") continue;
    tell(operation.lease_id, end.answer.expires_at);
  }
  return until;
}

/** Stored times are rounded to the millisecond. */
const ROUNDED_MS = 2;
const BY_HOLDER: readonly AttemptRow["outcome"][] = ["pass", "reject", "fail", "block", "release"];

/** When a lease was over if nobody ended it: so long after its last sign of life. */
function overAt({ heartbeat_at, lease_ms, deadline_at }: AttemptRow): number {
  return Math.min(heartbeat_at.getTime() + lease_ms, deadline_at?.getTime() ?? Number.POSITIVE_INFINITY);
}

function livesOf({ task, attempts }: Life, told: Map<string, number>): string[] {
  return attempts.flatMap((attempt) => {
    const { id, epoch, outcome, ended_at } = attempt;
    if (ended_at === null) return [];
    const over = Math.max(overAt(attempt), told.get(id) ?? 0);
    const late = ended_at.getTime() - over;
    const which = `epoch ${epoch} of task ${task.id}`;
    if (outcome === "expire" && late < -ROUNDED_MS)
      return [`${which} was taken back ${-late} ms before its lease was over`];
    if (BY_HOLDER.includes(outcome) && late > ROUNDED_MS)
      return [`${which} ended with ${outcome} ${late} ms after its lease was over`];
    return [];
  });
}

/** A statement's time is that of its transaction's begin: by so much two may seem to overlap. Claims under a limit wait for a lock first. */
const SLACK_MS = 250;
const LOCK_SLACK_MS = 5_000;

function overlaps({ task, attempts }: Life, { capacities }: Evidence): string[] {
  const slack = capacities.has(task.project_id) ? LOCK_SLACK_MS : SLACK_MS;
  return attempts.flatMap(({ epoch, ended_at }, i) => {
    const next = attempts[i + 1];
    if (next === undefined) return [];
    if (ended_at === null) return [`epoch ${epoch} of task ${task.id} was open when epoch ${next.epoch} began`];
    const both = ended_at.getTime() - next.started_at.getTime();
    return both > slack ? [`epochs ${epoch} and ${next.epoch} of task ${task.id} lived at once for ${both} ms`] : [];
  });
}
