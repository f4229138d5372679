/** I2: nothing is there that nobody asked for: no run, task, lease, result or artifact without an invoke. */
import type { AttemptRow, EventRow } from "@baton/db";
import { type Call, named } from "../../history/read.ts";
import type { Evidence, Invariant, Life } from "../evidence.ts";
import { type EndCall, endsByLease, found, mayHaveHappened, verdictAt } from "../told.ts";

export const nothingUnasked: Invariant = (calls, evidence) => {
  const said = {
    ends: endsByLease(calls),
    killed: new Set(
      named(calls, "kill")
        .filter(mayHaveHappened)
        .map(({ operation }) => operation.run_id),
    ),
    put: new Set(named(calls, "artifact").map(({ operation: put }) => `${put.lease_id} ${put.name} ${put.sha256}`)),
  };
  return found("nothing without an invoke", [
    ...unaskedRuns(calls, evidence),
    ...unaskedLeases(calls, evidence.lives),
    ...evidence.lives.flatMap((life) => [
      ...unaskedEnds(said, life),
      ...unaskedSteps(said, life),
      ...unaskedArtifacts(said, life),
    ]),
  ]);
};

/** What was said, by what it was said of. */
interface Said {
  ends: ReturnType<typeof endsByLease>;
  killed: ReadonlySet<string>;
  put: ReadonlySet<string>;
}

/** An answer that got lost may have been kept; a second run of the same request is one too many. */
function unaskedRuns(calls: readonly Call[], { runs, lives, keys }: Evidence): string[] {
  const kept = new Map(
    keys.flatMap(({ route, key, run_id }) => (route === "createRun" && run_id ? [[key, run_id]] : [])),
  );
  const asked = new Map<string, number>();
  for (const { operation, end } of named(calls, "create_run")) {
    const ids = [kept.get(operation.key), end.type === "ok" ? end.answer.run_id : undefined];
    for (const id of ids) if (id !== undefined) asked.set(id, operation.tasks);
  }
  const sizes = Map.groupBy(lives, ({ task }) => task.run_id);
  return runs.flatMap(({ id }) => {
    const tasks = asked.get(id);
    if (tasks === undefined) return [`run ${id} belongs to no request`];
    const stored = sizes.get(id)?.length ?? 0;
    return stored === tasks ? [] : [`run ${id} has ${stored} tasks, asked for were ${tasks}`];
  });
}

/** A hosted worker has no claim_id to tell beforehand: its lost claims are counted by its name. */
function unaskedLeases(calls: readonly Call[], lives: readonly Life[]): string[] {
  const claims = named(calls, "claim");
  const ids = new Set(claims.map(({ operation }) => operation.claim_id));
  const leases = new Set(
    claims.flatMap(({ end }) => (end.type === "ok" && end.answer.lease ? [end.answer.lease.lease_id] : [])),
  );
  const lost = Map.groupBy(
    claims.filter(({ end }) => end.type === "info"),
    ({ operation }) => operation.agent_id,
  );
  const unknown = lives.flatMap(({ attempts }) =>
    attempts.filter(({ id, claim_id }) => !ids.has(claim_id) && !leases.has(id)),
  );
  return [...Map.groupBy(unknown, (attempt) => attempt.agent_id)].flatMap(([agent, attempts]) => {
    const [first] = attempts;
    const spare = attempts.every((attempt) => attempt.token_id === null) ? (lost.get(agent)?.length ?? 0) : 0;
    if (first === undefined || attempts.length <= spare) return [];
    return [
      `${attempts.length} leases of ${agent}, e.g. ${first.id} of task ${first.task_id}, for ${spare} claims without an answer`,
    ];
  });
}

const ASKED_BY: Partial<Record<NonNullable<AttemptRow["outcome"]>, string>> = {
  pass: "complete",
  reject: "complete",
  fail: "fail",
  block: "fail",
  release: "release",
};

/** What the line itself ends (a crash), and what a hosted worker gives back by itself, needs no call. */
function unaskedEnds({ ends, killed }: Said, life: Life): string[] {
  const { task, attempts } = life;
  return attempts.flatMap(({ id, outcome, token_id, epoch }) => {
    if (outcome === null || outcome === "expire") return [];
    const which = `epoch ${epoch} of task ${task.id}`;
    if (outcome === "cancel")
      return killed.has(task.run_id) ? [] : [`${which} was cancelled and nobody killed its run`];
    const asked = ASKED_BY[outcome];
    if (asked !== "complete" && token_id === null) return [];
    const told = ends.get(id)?.some((call) => mayHaveHappened(call) && saysSo(call.operation, outcome, life, epoch));
    return told ? [] : [`${which} ended with ${outcome}, which nobody said`];
  });
}

/** A result whose answer was lost must be the one that was sent as well. */
function saysSo(
  operation: EndCall["operation"],
  outcome: NonNullable<AttemptRow["outcome"]>,
  life: Life,
  epoch: number,
): boolean {
  if (operation.op !== ASKED_BY[outcome]) return false;
  if (operation.op !== "complete") return true;
  const stored = verdictAt(life, epoch)?.packet ?? null;
  return operation.result === outcome && (stored === null || stored.hash === operation.packet);
}

/** What only a person asks for, and no history of the workload holds. */
const BY_PEOPLE: readonly EventRow["type"][] = ["advanced", "sent_back", "stage_set", "reopened"];

/** A task ends for a reason: its run was killed, or it was charged once too often. */
function unaskedSteps({ killed }: Said, { task, events }: Life): string[] {
  return events.flatMap(({ seq, type, to_state, charged, data }) => {
    const which = `event ${seq} of task ${task.id}`;
    if (BY_PEOPLE.includes(type)) return [`${which} is ${type}, which nobody asked for`];
    if (type === "cancelled" && !killed.has(task.run_id)) return [`${which} is cancelled and nobody killed its run`];
    const parked = to_state === "failed" && type !== "cancelled";
    if (parked && charged === "nothing") return [`${which} parked the task and charged it nothing`];
    // Nobody reports a finding, so none can come again.
    return parked && data.repeating === true ? [`${which} parked the task as repeating`] : [];
  });
}

function unaskedArtifacts({ put }: Said, { task, artifacts }: Life): string[] {
  return artifacts.flatMap(({ lease_id, name, checksum }) =>
    put.has(`${lease_id} ${name} ${checksum}`) ? [] : [`artifact ${name} of task ${task.id} was put by nobody`],
  );
}
