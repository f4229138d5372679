/** The packet that says a run's work is approved, or waits for it: which one is owed, and what it holds. */
import type { PacketDraft } from "./packet.ts";
import type { PacketTimes } from "./packet-times.ts";
import type { Joined } from "./roll-up-outputs.ts";
import type { RunState } from "./states.ts";

/** What was written last: odd marks wait for approval, even ones are approved. */
export interface LastApproval {
  mark: number;
  /** When it was written. */
  at: Date;
  started_at: Date | null;
}

export interface ApprovedRun {
  id: string;
  name: string;
  state: RunState;
  /** When it came into its state. */
  updated_at: Date;
}

/**
 * The mark of the packet that has to be written; null when there is none. A run that was over and has been taken up again
 * comes to its end a second time: then the marks go on.
 */
export function approvalOwed({ state, updated_at }: ApprovedRun, last: LastApproval | null): number | null {
  if (state !== "ready_for_commit" && state !== "completed") return null;
  const waits = state === "ready_for_commit";
  if (last !== null && waiting(last) === waits && updated_at <= last.at) return null;
  const mark = (last?.mark ?? 0) + 1;
  return waiting({ mark }) === waits ? mark : mark + 1;
}

function waiting({ mark }: { mark: number }): boolean {
  return mark % 2 === 1;
}

/** Waiting takes time and costs nothing: work is summed where it was done. */
export function approval(run: ApprovedRun, last: LastApproval | null, { artifacts, decisions }: Joined) {
  const waits = run.state === "ready_for_commit";
  const waited_since = last !== null && waiting(last) ? last.started_at : null;
  const began = waits || waited_since === null || waited_since > run.updated_at ? run.updated_at : waited_since;
  const times: PacketTimes = waits
    ? { started_at: began, completed_at: null, duration_ms: null }
    : { started_at: began, completed_at: run.updated_at, duration_ms: run.updated_at.getTime() - began.getTime() };
  const draft: PacketDraft = {
    output_summary: `The run "${run.name}" ${waits ? "is through the line and waits for approval" : "is approved"}.`,
    output_artifacts: artifacts,
    output_decisions: decisions,
    output_metrics: { run_id: run.id },
    activity_log: [],
  };
  return { draft, times, status: waits ? ("in_progress" as const) : ("completed" as const) };
}
