/** I9: loop-backs, failed attempts and crashes never exceed their limits, end the task exactly there, and no project gives more leases at once than it may. */
import type { EventRow } from "@baton/db";
import { type Call, named } from "../../history/read.ts";
import type { Evidence, Invariant, Life } from "../evidence.ts";
import { endsByLease, found } from "../told.ts";

export const limitsHold: Invariant = (calls, evidence) =>
  found("limits hold", [...evidence.lives.flatMap(counted), ...crowded(calls, evidence)]);

/** By hand, without the code that decides it: the n-th charge of a kind leads to the dead-letter, none before and none after. */
function counted({ task, events }: Life): string[] {
  const since = events.slice(events.findLastIndex(({ type }) => type === "reopened") + 1);
  const limits = [
    ["loop_back", task.max_rejections + 1, () => "the line"],
    ["attempt", task.max_failures, placeOf],
    ["crash", task.max_crashes, placeOf],
  ] as const;
  return limits.flatMap(([charge, limit, where]) => {
    const charged = since.filter(({ charged: as }) => as === charge);
    return [...Map.groupBy(charged, where)].flatMap(([place, some]) => {
      const last = some.at(-1);
      const which = `task ${task.id}: ${some.length} times ${charge} in ${place}`;
      if (some.length > limit) return [`${which}, allowed are ${limit}`];
      const parked = some.findIndex(({ to_state }) => to_state === "failed") + 1;
      if (parked > 0 && parked < limit && last?.data.repeating !== true)
        return [`${which}, parked at ${parked} of ${limit}`];
      return some.length === limit && parked === 0 ? [`${which}, and was not parked`] : [];
    });
  });
}

const placeOf = ({ from_stage, visit }: EventRow) => `${from_stage} visit ${visit}`;

interface Hold {
  project_id: string;
  stage: string;
  from: number;
  to: number;
}

/** Only what was held for certain counts: from the answer of the claim to the end of the lease, or to when its holder asked for its end. */
function crowded(calls: readonly Call[], evidence: Evidence): string[] {
  const holds = Map.groupBy(holdsOf(calls, evidence), ({ project_id }) => project_id);
  return [...evidence.capacities].flatMap(([project_id, capacity]) =>
    Object.entries(capacity).flatMap(([what, limit]) => {
      const some = (holds.get(project_id) ?? []).filter(({ stage }) => what === "total" || stage === what);
      const most = mostAtOnce(some);
      return most > limit ? [`project ${project_id} held ${most} leases at once (${what}), allowed are ${limit}`] : [];
    }),
  );
}

function holdsOf(calls: readonly Call[], { lives, capacities }: Evidence): Hold[] {
  const tasks = new Map(lives.map((life) => [life.task.id, life]));
  const ends = endsByLease(calls);
  const kills = named(calls, "kill");
  return named(calls, "claim").flatMap(({ end, invoked_at }) => {
    if (end.type !== "ok" || end.answer.lease === undefined) return [];
    const { task_id, lease_id, run_id, stage } = end.answer.lease;
    const life = tasks.get(task_id);
    const attempt = life?.attempts.find(({ id }) => id === lease_id);
    if (life === undefined || attempt === undefined || !capacities.has(life.task.project_id)) return [];
    const asked = (ends.get(lease_id) ?? []).map((call) => call.invoked_at);
    const killed = kills.filter(({ operation }) => operation.run_id === run_id).map((call) => call.invoked_at);
    const to = Math.min(invoked_at + attempt.lease_ms, ...asked, ...killed);
    return [{ project_id: life.task.project_id, stage, from: end.at, to }];
  });
}

function mostAtOnce(holds: readonly Hold[]): number {
  const steps = holds
    .filter(({ from, to }) => from < to)
    .flatMap(({ from, to }) => [[from, 1] as const, [to, -1] as const]);
  // At the same moment the one that ends goes first.
  const ordered = steps.toSorted(([a, up], [b, down]) => a - b || up - down);
  let now = 0;
  return ordered.reduce((most, [, step]) => {
    now += step;
    return Math.max(most, now);
  }, 0);
}
