/** I6: what may have happened is wholly there or wholly absent, and sent again it gives the first answer. */
import type { AttemptRow } from "@baton/db";
import { type Call, named } from "../../history/read.ts";
import type { Evidence, Invariant, Life } from "../evidence.ts";
import { type EndCall, endsByLease, found, requestsOf, verdictAt } from "../told.ts";

export const allOrNothing: Invariant = (calls, evidence) => {
  const ends = endsByLease(calls);
  return found("repeated requests have one effect and one answer", [
    ...requestsOf(calls).flatMap(differing),
    ...evidence.lives.flatMap((life) =>
      life.attempts.flatMap((attempt) => torn(life, attempt, ends.get(attempt.id) ?? [])),
    ),
    ...keysWithoutEffect(calls, evidence),
  ]);
};

/** A repeated claim tells of the same lease; how long it still lives may differ. */
function differing(request: readonly Call[]): string[] {
  const answers = new Set(
    request.flatMap(({ end }) => {
      if (end.type !== "ok") return [];
      const { lease, run_id, answer } = end.answer;
      if (lease !== undefined) return [`lease ${lease.lease_id} epoch ${lease.epoch}`];
      return answer === undefined ? (run_id ?? []) : [answer];
    }),
  );
  const [first] = request;
  // A claim that found nothing may find something when it is made again.
  if (first === undefined || (first.operation.op === "claim" && answers.size <= 1)) return [];
  const leases = [...answers].filter((answer) => answer.startsWith("lease "));
  const different = first.operation.op === "claim" ? leases.length : answers.size;
  return different > 1 ? [`${nameOf(first)} was answered in ${different} ways: ${[...answers].join(" | ")}`] : [];
}

function nameOf({ operation }: Call): string {
  return `${operation.op} ${operation.op === "claim" ? operation.claim_id : "key" in operation ? operation.key : ""}`;
}

const DOES = { complete: ["pass", "reject"], fail: ["fail", "block"], release: ["release"] } as const;

function torn(life: Life, attempt: AttemptRow, ends: readonly EndCall[]): string[] {
  const { id, epoch, outcome, token_id } = attempt;
  const which = `epoch ${epoch} of task ${life.task.id}`;
  const verdict = verdictAt(life, epoch);
  const accepted = outcome === "pass" || outcome === "reject";
  if (accepted && (verdict?.packet ?? null) === null)
    return [`${which} ended with ${outcome} and has no event with a packet`];
  if (!accepted && verdict !== null) return [`${which} ended with ${outcome} and has a verdict`];
  // A hosted worker's calls have no key.
  if (token_id === null) return [];
  return requestsOf(ends).flatMap((request) => refusedAgain(which, id, request, attempt, verdict?.packet?.hash));
}

/** Done by a call whose answer was lost, and refused when it was sent again. */
function refusedAgain(
  which: string,
  lease_id: string,
  request: Call[],
  { outcome }: AttemptRow,
  hash?: string,
): string[] {
  const [first] = request;
  const operation = first?.operation;
  if (operation?.op !== "complete" && operation?.op !== "fail" && operation?.op !== "release") return [];
  const did: readonly (string | null)[] = DOES[operation.op];
  if (!did.includes(outcome) || (operation.op === "complete" && operation.packet !== hash)) return [];
  const lost = request.findIndex(({ end }) => end.type === "info");
  const refused = request.findLastIndex(({ end }) => end.type === "fail" && end.code === "lease_lost");
  if (lost < 0 || refused < lost) return [];
  return [`${which}: ${operation.op} of lease ${lease_id} was done, its answer lost, and sent again it was refused`];
}

const ROUTES = ["complete", "fail", "release"] as const;

/** A key is kept if and only if what it stands for was done. */
function keysWithoutEffect(calls: readonly Call[], { keys, lives }: Evidence): string[] {
  const kept = new Set(keys.map(({ route, key }) => `${route} ${key}`));
  const attempts = new Map(lives.flatMap((life) => life.attempts.map((attempt) => [attempt.id, attempt] as const)));
  const details = new Set<string>();
  for (const { operation, end } of named(calls, ...ROUTES)) {
    const attempt = attempts.get(operation.lease_id);
    if (attempt === undefined || attempt.token_id === null) continue;
    const did = (DOES[operation.op] as readonly (string | null)[]).includes(attempt.outcome);
    const is_kept = kept.has(`${operation.op} ${operation.key}`);
    const what = `${operation.op} ${operation.key} of epoch ${operation.epoch} of task ${operation.task_id}`;
    if (is_kept && !did) details.add(`${what} is kept as done, but the attempt ended with ${attempt.outcome}`);
    if (end.type === "ok" && !is_kept) details.add(`${what} was answered and its key is not kept`);
  }
  return [...details];
}
