/** A person's hand on one task: advance, set_stage, cancel, reopen, unblock. None of them needs a lease, and none goes over a holder's head but cancel. */
import {
  findPacket,
  holdTask,
  lockRun,
  newestPacket,
  newId,
  setRunState,
  stageOf,
  type TaskRow,
  wholeTask,
} from "@baton/db";
import { type Command, enrich, isOpenRun, ok, type Result, refused, type Stage } from "@baton/domain";
import type { AdvanceStage, TaskAnswer } from "@baton/domain/api";
import { inTransaction, type Line } from "./line.ts";
import { moveTask } from "./move.ts";
import { newestTicket } from "./newest-ticket.ts";
import type { Principal } from "./principal.ts";
import { taskView } from "./views.ts";

interface TaskInput {
  id: string;
}

/** An operator's or a simple script's step. `fail` sends the task back to dev. */
export async function advanceStage(
  line: Line,
  who: Principal,
  input: AdvanceStage & TaskInput,
): Promise<Result<TaskAnswer>> {
  const notes = input.notes ?? (input.result === "pass" ? `Passed by ${who.name}.` : `Sent back by ${who.name}.`);
  const command: Command = { name: input.result === "pass" ? "advance" : "send_back", notes };
  const moved = await moveTask(line, who, input.id, command, async (_, row) => ({
    packet: await stepPacket(line, who, row, command, notes),
  }));
  return answer(line, who, moved);
}

/** The step leaves a packet like any other, with the person as its agent. */
async function stepPacket(line: Line, who: Principal, row: TaskRow, command: Command, notes: string) {
  const phase = stageOf(row);
  const draft = {
    output_summary: notes,
    output_artifacts: [],
    output_decisions: [],
    output_metrics: {},
    activity_log: [],
  };
  const previous = await newestPacket(line.db, row.id, phase);
  const source = row.packet_id === null ? null : await findPacket(line.db, row.packet_id);
  const { summary_cut: _, ...packet } = enrich({ draft, usage: {}, previous, source });
  const passed = command.name === "advance";
  return {
    ...packet,
    ...{ id: newId(), phase, agent_id: who.name, agent_type: "operator", agent_name: who.name, started_at: null },
    status: passed ? ("completed" as const) : ("rejected" as const),
    input_context: { visit: row.visit },
    rejection_reason: passed ? null : notes,
  };
}

/** Puts the task at a stage, whatever it has passed before. Begins a new visit. */
export async function setStage(
  line: Line,
  who: Principal,
  input: TaskInput & { stage: Stage },
): Promise<Result<TaskAnswer>> {
  return revive(line, who, input.id, { name: "set_stage", stage: input.stage });
}

/** Takes a dead-letter or a cancelled task back onto the line, its counters at zero. */
export async function reopenTask(line: Line, who: Principal, input: TaskInput): Promise<Result<TaskAnswer>> {
  return revive(line, who, input.id, { name: "reopen" });
}

export async function cancelTask(
  line: Line,
  who: Principal,
  input: TaskInput & { reason?: string | undefined },
): Promise<Result<TaskAnswer>> {
  const reason = input.reason ?? `cancelled by ${who.name}`;
  const moved = await moveTask(line, who, input.id, { name: "cancel", reason }, async () => ({
    attempt: { outcome: "cancel", message: reason },
  }));
  if (moved.ok) line.withdraw(newestTicket(moved.value));
  return answer(line, who, moved);
}

export async function unblockTask(line: Line, who: Principal, input: TaskInput): Promise<Result<TaskAnswer>> {
  return answer(line, who, await moveTask(line, who, input.id, { name: "unblock" }));
}

/** Moves a task that may be final; its run is active again, unless it was killed. */
async function revive(line: Line, who: Principal, task_id: string, command: Command): Promise<Result<TaskAnswer>> {
  return inTransaction(line, async (tx): Promise<Result<TaskAnswer>> => {
    const found = await wholeTask(tx.db, who.workspace_id, task_id);
    if (found === null) return refused("not_found", "There is no such task.");
    const run = await lockRun(tx.db, who.workspace_id, found.task.run_id);
    if (run?.state === "killed")
      return refused("run_closed", "The run was killed: its tasks stay as they are. Create a new run.");
    // While it was final it took no part when its run was paused or resumed, and it may have become final since the look.
    await holdTask(tx.db, task_id, run?.state === "paused");
    const moved = await moveTask(tx, who, task_id, command);
    if (moved.ok && run && !isOpenRun(run.state)) await setRunState(tx.db, run.id, "active");
    return answer(tx, who, moved);
  });
}

async function answer(line: Line, who: Principal, moved: Result<TaskRow>): Promise<Result<TaskAnswer>> {
  if (!moved.ok) return moved;
  const whole = await wholeTask(line.db, who.workspace_id, moved.value.id);
  if (whole === null) throw new Error("a moved task is gone");
  return ok({ task: taskView(whole) });
}
