/** The history of one task as steps of its object: a request that was sent again is one step, and what got lost counts as far as the database shows that it happened. */
import type { AttemptRow } from "@baton/db";
import { type Call, type Named } from "../history/read.ts";
import type { Life } from "./evidence.ts";
import type { Act, Step } from "./task-object.ts";
import { keyOf, mayHaveHappened } from "./told.ts";

/** What was said to a task and to its run. `claims`: all, by claim_id. */
export interface TaskCalls {
  own: readonly Call[];
  of_run: readonly Call[];
  claims: ReadonlyMap<string, readonly Call<Named<"claim">>[]>;
}

export function stepsOf({ attempts }: Life, { own, of_run, claims }: TaskCalls): Step[] {
  const leases = new Map(attempts.map((attempt) => [attempt.id, attempt]));
  const given = [...claims.values()].flat();
  return [
    ...attempts.map((attempt) => claimStep(attempt, claims.get(attempt.claim_id) ?? given.filter(gave(attempt.id)))),
    ...attempts.flatMap((attempt) => nothingSteps(attempt, claims.get(attempt.claim_id) ?? [])),
    ...requests(own).flatMap((request) => requestSteps(request, leases)),
    ...requests(of_run).flatMap(runSteps),
  ];
}

const gave = (lease_id: string) => (call: Call) =>
  call.end.type === "ok" && call.end.answer.lease?.lease_id === lease_id;

/** Heartbeats stand for themselves; whatever has a key is one request. */
function requests(calls: readonly Call[]): Call[][] {
  return [...Map.groupBy(calls, (call) => keyOf(call) ?? call.id).values()];
}

/** A call that was refused has done nothing, whatever the same request did when it was sent again. */
const firstSent = (calls: readonly Call[]) => Math.min(...calls.filter(mayHaveHappened).map((call) => call.invoked_at));

const firstAnswer = (calls: readonly Call[]) =>
  Math.min(Number.POSITIVE_INFINITY, ...calls.flatMap(({ end }) => (end.type === "ok" ? [end.at] : [])));

/** Every lease that is stored was given: to whom nobody heard of, at some time. */
function claimStep(attempt: AttemptRow, calls: readonly Call[]): Step {
  const { id, epoch, stage, visit, lease_ms } = attempt;
  const told = calls.filter(gave(id));
  const to = firstAnswer(told);
  return {
    act: { kind: "claim", lease_id: id, epoch, stage, visit, lease_ms },
    from: calls.length === 0 ? Number.NEGATIVE_INFINITY : firstSent(calls),
    to,
    required: to !== Number.POSITIVE_INFINITY,
    told: `claim of epoch ${epoch} by ${calls[0]?.actor ?? attempt.agent_id}`,
  };
}

/** Who asks for a lease again is given it while it lives. */
function nothingSteps({ id, epoch }: AttemptRow, calls: readonly Call[]): Step[] {
  return calls.flatMap(({ actor, invoked_at, end }): Step[] => {
    if (end.type !== "ok" || end.answer.lease !== undefined) return [];
    const told = `claim of epoch ${epoch} by ${actor}, told nothing`;
    return [{ act: { kind: "nothing", lease_id: id }, from: invoked_at, to: end.at, required: true, told }];
  });
}

const OUTCOMES = { complete: ["pass", "reject"], fail: ["fail", "block"], release: ["release"] } as const;

function requestSteps(request: readonly Call[], leases: ReadonlyMap<string, AttemptRow>): Step[] {
  const [first] = request;
  if (first === undefined || !("lease_id" in first.operation)) return [];
  const { operation, actor } = first;
  const lease = leases.get(operation.lease_id);
  const lease_id = operation.lease_id;
  const told = `${operation.op} under epoch ${operation.epoch} by ${actor}`;
  const refused = request.flatMap(({ invoked_at, end }): Step[] =>
    end.type === "fail" && end.code === "lease_lost"
      ? [{ act: { kind: "lost", lease_id }, from: invoked_at, to: end.at, required: true, told: `${told}, refused` }]
      : [],
  );
  const to = firstAnswer(request);
  const act = actOf(request, lease);
  if (act === null || (to === Number.POSITIVE_INFINITY && !happened(request, lease))) return refused;
  const answered = to !== Number.POSITIVE_INFINITY;
  return [...refused, { act, from: firstSent(request), to, required: answered, told }];
}

/** A lost sign of life changes nothing that another answer depends on: it only makes a lease longer. */
function happened(request: readonly Call[], lease: AttemptRow | undefined): boolean {
  const op = request[0]?.operation.op;
  if (op !== "complete" && op !== "fail" && op !== "release") return false;
  const did: readonly (string | null)[] = OUTCOMES[op];
  return request.some(({ end }) => end.type === "info") && did.includes(lease?.outcome ?? null);
}

function actOf(request: readonly Call[], lease: AttemptRow | undefined): Act | null {
  const answered = request.find(({ end }) => end.type === "ok") ?? request[0];
  if (answered === undefined) return null;
  const { operation, end } = answered;
  const answer = end.type === "ok" ? end.answer : {};
  switch (operation.op) {
    case "heartbeat":
    case "checkpoint": {
      const { lease_id } = operation;
      return { kind: "beat", lease_id, lease_ms: lease?.lease_ms ?? 0, directive: answer.directive ?? null };
    }
    case "complete": {
      const stored = lease?.outcome === "pass" || lease?.outcome === "reject" ? lease.outcome : null;
      return { kind: "complete", lease_id: operation.lease_id, verdict: answer.verdict ?? stored };
    }
    case "fail":
    case "release":
      return { kind: operation.op, lease_id: operation.lease_id };
    case "artifact":
      return { kind: "put", lease_id: operation.lease_id };
    case "claim":
    case "create_run":
    case "pause":
    case "resume":
    case "kill":
      return null;
  }
}

function runSteps(request: readonly Call[]): Step[] {
  const [first] = request;
  const op = first?.operation.op;
  if (first === undefined || (op !== "pause" && op !== "resume" && op !== "kill")) return [];
  if (request.every(({ end }) => end.type === "fail")) return [];
  const to = firstAnswer(request);
  const from = firstSent(request);
  return [{ act: { kind: op }, from, to, required: to !== Number.POSITIVE_INFINITY, told: `${op} by ${first.actor}` }];
}
