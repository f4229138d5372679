/** I4: one accepted result per visit of a stage, and its epoch was the current one when it was written. */
import { named } from "../../history/read.ts";
import type { Invariant, Life } from "../evidence.ts";
import { found } from "../told.ts";

export const oneResultPerVisit: Invariant = (calls, { lives }) => {
  const told = named(calls, "complete").filter(({ end }) => end.type === "ok");
  const byVisit = Map.groupBy(
    told,
    ({ operation: { task_id, stage, visit } }) => `${stage} visit ${visit} of task ${task_id}`,
  );
  const twice = [...byVisit].flatMap(([which, some]) => {
    const leases = new Set(some.map(({ operation }) => operation.lease_id));
    return leases.size > 1 ? [`${which} was accepted under ${leases.size} leases: ${[...leases].join(", ")}`] : [];
  });
  return found("one accepted result per visit", [...twice, ...lives.flatMap(storedTwice), ...lives.flatMap(stale)]);
};

function storedTwice({ task, attempts }: Life): string[] {
  const results = attempts.filter(({ outcome }) => outcome === "pass" || outcome === "reject");
  const byVisit = Map.groupBy(results, ({ stage, visit }) => `${stage} visit ${visit}`);
  return [...byVisit].flatMap(([which, some]) =>
    some.length > 1 ? [`${which} of task ${task.id} has ${some.length} results`] : [],
  );
}

/** A verdict stands right behind the claim of the same epoch, and that epoch's attempt says so too. */
function stale({ task, events, attempts }: Life): string[] {
  return events.flatMap(({ type, epoch, seq }, i) => {
    if (type !== "passed" && type !== "rejected") return [];
    const before = events[i - 1];
    const held = before?.type === "claimed" && before.epoch === epoch;
    const outcome = attempts.find((attempt) => attempt.epoch === epoch)?.outcome;
    const same = outcome === (type === "passed" ? "pass" : "reject");
    return held && same
      ? []
      : [`event ${seq} of task ${task.id}: ${type} under epoch ${epoch}, whose attempt ended with ${outcome}`];
  });
}
