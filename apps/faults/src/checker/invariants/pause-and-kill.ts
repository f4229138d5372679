/** I10: after an acknowledged kill nothing is claimed or accepted; between an acknowledged pause and the invoke of its resume nothing is claimed. */
import { type Call, type Named, named } from "../../history/read.ts";
import type { Evidence, Invariant } from "../evidence.ts";
import { found, keyOf, requestsOf } from "../told.ts";

export const pauseAndKill: Invariant = (calls, evidence) =>
  found("pause and kill hold", [
    ...afterKill(calls),
    ...whilePaused(calls),
    ...openInKilled(evidence),
    ...committedWhile(evidence),
  ]);

/** When a request was first sent, and when its first answer came. A request sent again has one effect. */
interface Span<N extends "pause" | "resume" | "kill"> {
  operation: Named<N>;
  from: number;
  /** Infinite when nobody knows. */
  to: number;
}

function spansOf<N extends "pause" | "resume" | "kill">(calls: readonly Call[], name: N): Span<N>[] {
  return requestsOf(named(calls, name)).flatMap((request) => {
    const [first] = request as Call<Named<N>>[];
    if (first === undefined || request.every(({ end }) => end.type === "fail")) return [];
    const answered = request.flatMap(({ end }) => (end.type === "ok" ? [end.at] : []));
    const to = answered.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...answered);
    return [{ operation: first.operation, from: first.invoked_at, to }];
  });
}

/** Leases that were asked for (for the first time) and given within the window. */
function claimedWithin(calls: readonly Call[], run_id: string, from: number, to: number): string[] {
  const first = new Map<string | null, number>();
  return named(calls, "claim").flatMap((call) => {
    const key = keyOf(call);
    const asked = first.get(key) ?? call.invoked_at;
    first.set(key, asked);
    if (call.end.type !== "ok" || call.end.answer.lease?.run_id !== run_id) return [];
    const { task_id, epoch } = call.end.answer.lease;
    return asked >= from && call.end.at <= to ? [`epoch ${epoch} of task ${task_id} was claimed`] : [];
  });
}

function afterKill(calls: readonly Call[]): string[] {
  return spansOf(calls, "kill").flatMap(({ operation: { run_id }, to }) => {
    const claimed = claimedWithin(calls, run_id, to, Number.POSITIVE_INFINITY);
    const ended = requestsOf(named(calls, "complete", "fail", "release")).flatMap((request) => {
      const [first] = request as Call<Named<"complete" | "fail" | "release">>[];
      if (first?.operation.run_id !== run_id || first.invoked_at < to) return [];
      const { op, epoch, task_id } = first.operation;
      return request.some(({ end }) => end.type === "ok")
        ? [`${op} under epoch ${epoch} of task ${task_id} was accepted`]
        : [];
    });
    return [...claimed, ...ended].map((what) => `${what} after the kill of run ${run_id} was acknowledged`);
  });
}

function whilePaused(calls: readonly Call[]): string[] {
  const resumes = spansOf(calls, "resume");
  return spansOf(calls, "pause").flatMap(({ operation: { run_id }, from, to }) => {
    if (to === Number.POSITIVE_INFINITY) return [];
    // Any resume that may have come after this pause ends it, from when it was sent.
    const after = resumes.filter((resume) => resume.operation.run_id === run_id && resume.to >= from);
    const until = Math.min(...after.map((resume) => resume.from), Number.POSITIVE_INFINITY);
    return claimedWithin(calls, run_id, to, until).map((what) => `${what} while run ${run_id} was paused`);
  });
}

function openInKilled({ runs, lives }: Evidence): string[] {
  const killed = new Set(runs.filter(({ state }) => state === "killed").map(({ id }) => id));
  return lives.flatMap(({ task, events }) => {
    if (!killed.has(task.run_id)) return [];
    const at = events.findIndex(({ type }) => type === "cancelled");
    const more = at < 0 ? 0 : events.length - at - 1;
    return more > 0
      ? [`task ${task.id} of the killed run ${task.run_id} has ${more} events after it was cancelled`]
      : [];
  });
}

/**
 * By the database alone: a pause and a kill lock the rows of the run's open tasks, so what was lawful was committed before
 * them. Claims that wait while a run is paused are judged by this, however long they waited.
 */
function committedWhile({ watched, lives }: Evidence): string[] {
  const seen = new Map((watched ?? []).map((row) => [`${row.task_id} ${row.seq}`, row]));
  return lives.flatMap(({ task, events }) =>
    events.flatMap(({ seq, type }) => {
      const row = seen.get(`${task.id} ${seq}`);
      if (row === undefined) return [];
      const which = `event ${seq} of task ${task.id} (${type})`;
      if (type === "claimed" && (row.held || row.run_state === "paused")) return [`${which} while its run was paused`];
      return row.run_state === "killed" && type !== "cancelled" ? [`${which} after its run was killed`] : [];
    }),
  );
}
