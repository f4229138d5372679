/** Lets hosted workers start on a run that waits to be triggered. Pulling agents are not asked: they take what is ready. */
import { lockRun, type RunRow, readyTasksOf, redispatch, setTriggered } from "@baton/db";
import { isOpenRun, isStage, ok, type Result, refused, STAGES, type Stage } from "@baton/domain";
import type { RunAnswer, TriggerAgent } from "@baton/domain/api";
import { inTransaction, type Line } from "./line.ts";
import type { Principal } from "./principal.ts";
import { runView } from "./views.ts";

interface ById {
  id: string;
}

export async function triggerAgent(
  line: Line,
  who: Principal,
  { id, stage }: TriggerAgent & ById,
): Promise<Result<RunAnswer>> {
  return trigger(line, who, id, [stage]);
}

export async function triggerPipeline(line: Line, who: Principal, { id }: ById): Promise<Result<RunAnswer>> {
  return trigger(line, who, id, STAGES);
}

/** A paused run takes it in and gives its tickets when it is resumed. Where hosted workers start already, nothing changes. */
async function trigger(line: Line, who: Principal, id: string, stages: readonly Stage[]): Promise<Result<RunAnswer>> {
  return inTransaction(line, async (tx) => {
    const run = await lockRun(tx.db, who.workspace_id, id);
    if (run === null) return refused("not_found", "There is no such run.");
    if (!isOpenRun(run.state)) {
      return refused("run_closed", `The run is ${run.state}: there is nothing to start on.`);
    }
    const added = stages.filter((stage) => !run.triggered.includes(stage));
    if (added.length === 0) return ok({ run: runView(run) });
    const row = await setTriggered(tx.db, run.id, unionOf(run, added));
    await renewTickets(tx, run.id, added);
    return ok({ run: runView(row) });
  });
}

function unionOf({ triggered }: RunRow, added: readonly Stage[]): Stage[] {
  return STAGES.filter((stage) => added.includes(stage) || triggered.filter(isStage).includes(stage));
}

const PAGE = 500;

/** The tickets they had were dropped when a worker looked at them. */
async function renewTickets(tx: Line, run_id: string, stages: readonly Stage[]): Promise<void> {
  let after: string | null = null;
  for (;;) {
    const ready = await readyTasksOf(tx.db, run_id, stages, after, PAGE);
    const tickets = await redispatch(tx.db, ready);
    tx.announce(tickets.map((ticket) => ({ row: null, ticket })));
    after = ready.at(-1)?.task_id ?? null;
    if (ready.length < PAGE) return;
  }
}
