/** A person's hand on a run: pause, resume, kill, approve. Each takes the run's lock, so that they happen one after the other. */
import {
  apply,
  type Change,
  freeTasks,
  holdTasks,
  lockOpenTasks,
  lockRun,
  type RunRow,
  setRunState,
  type TaskRow,
  taskOf,
} from "@baton/db";
import { decide, ok, type Result, type RunState, refused } from "@baton/domain";
import type { KilledRun, RunAnswer } from "@baton/domain/api";
import { inTransaction, type Line } from "./line.ts";
import { newestTicket } from "./newest-ticket.ts";
import type { Principal } from "./principal.ts";
import { runView } from "./views.ts";

interface RunInput {
  id: string;
}

/** No lease is given out any more; work already leased may finish. */
export async function pauseRun(line: Line, who: Principal, input: RunInput): Promise<Result<RunAnswer>> {
  return withRun(line, who, input, { from: ["active"], already: "paused", done: "paused" }, async (tx, run) => {
    if (run.state === "paused") return ok({ run: runView(run) });
    await holdTasks(tx.db, run.id);
    return ok({ run: runView(await setRunState(tx.db, run.id, "paused")) });
  });
}

export async function resumeRun(line: Line, who: Principal, input: RunInput): Promise<Result<RunAnswer>> {
  return withRun(line, who, input, { from: ["paused"], already: "active", done: "resumed" }, async (tx, run) => {
    if (run.state === "active") return ok({ run: runView(run) });
    const tickets = await freeTasks(tx.db, run.id);
    const row = await setRunState(tx.db, run.id, "active");
    tx.announce(tickets.map((ticket) => ({ row: null, ticket })));
    return ok({ run: runView(row) });
  });
}

/** The work is good: a run that waits for approval is completed. */
export async function approveRun(line: Line, who: Principal, input: RunInput): Promise<Result<RunAnswer>> {
  return withRun(line, who, input, { from: ["ready_for_commit"], done: "approved" }, async (tx, run) =>
    ok({ run: runView(await setRunState(tx.db, run.id, "completed")) }),
  );
}

/** Soft: rows stay, tickets go. Open tasks are cancelled, holders are told at their next heartbeat, and nothing they send later counts. */
export async function killRun(
  line: Line,
  who: Principal,
  input: RunInput & { reason?: string | undefined },
): Promise<Result<KilledRun>> {
  const reason = input.reason ?? "the run was killed";
  const step: Step = { from: ["active", "paused", "ready_for_commit"], already: "killed", done: "killed" };
  return withRun(line, who, input, step, async (tx, run) => {
    if (run.state === "killed") return ok({ run: runView(run), cancelled_tasks: 0 });
    const row = await setRunState(tx.db, run.id, "killed", reason);
    return ok({ run: runView(row), cancelled_tasks: await cancelOpen(tx, who, run.id, reason) });
  });
}

/** From which states a run can be `done` so, and in which one it has been `already`. */
interface Step {
  from: RunState[];
  already?: RunState;
  done: string;
}

type RunVerb<T> = (tx: Line, run: RunRow) => Promise<Result<T>>;

async function withRun<T>(
  line: Line,
  who: Principal,
  { id }: RunInput,
  { from, already, done }: Step,
  verb: RunVerb<T>,
) {
  return inTransaction(line, async (tx): Promise<Result<T>> => {
    const run = await lockRun(tx.db, who.workspace_id, id);
    if (run === null) return refused("not_found", "There is no such run.");
    if (run.state !== already && !from.includes(run.state)) {
      return refused(
        "run_closed",
        `A run that is ${run.state} cannot be ${done}. It would have to be ${from.join(" or ")}.`,
      );
    }
    return verb(tx, run);
  });
}

const PAGE = 500;

/** The rows are locked before they are decided on, so each is cancelled exactly once. */
async function cancelOpen(tx: Line, who: Principal, run_id: string, reason: string): Promise<number> {
  let cancelled = 0;
  for (;;) {
    const rows = await lockOpenTasks(tx.db, run_id, PAGE);
    const applied = await apply(
      tx.db,
      rows.map((row) => cancellation(who, row, reason)),
    );
    if (applied.includes(null)) throw new Error("a locked task changed");
    tx.withdraw(rows.flatMap(newestTicket));
    cancelled += rows.length;
    if (rows.length < PAGE) return cancelled;
  }
}

function cancellation(who: Principal, row: TaskRow, reason: string): Change {
  const before = taskOf(row);
  const decision = decide(before, { name: "cancel", reason }, row.updated_at.getTime());
  if (!decision.ok) throw new Error(`an open task could not be cancelled: ${decision.refusal.detail}`);
  const { task: after, event } = decision;
  const attempt = { outcome: "cancel", message: reason } as const;
  return { command: "cancel", before, after, event, actor: who.name, attempt };
}
