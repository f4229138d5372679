/** Plays a sequence of steps against the API and against the model at once: every answer must be one that the model allows. What each kind of step expects is told beside. */
import { setTimeout as pause } from "node:timers/promises";
import type { RunView, TaskView } from "@baton/domain/api";
import { type Desk, Unexpected } from "./desk.ts";
import { type Game, good } from "./game.ts";
import { endOf, newModel } from "./model.ts";
import { claimed, claimedAgain, held } from "./play-agents.ts";
import { operated, owned } from "./play-operators.ts";
import { repeated, watched } from "./play-watchers.ts";
import type { Sequence, Step } from "./steps.ts";

/** Throws what the model does not allow. */
export async function play(desk: Desk, stranger: string, { tasks, limits, approval, steps }: Sequence): Promise<void> {
  const settings = { limits, approval };
  const { project } = good(await desk.call("createProject", { body: { name: "sequence", settings } })) as {
    project: { id: string };
  };
  const named = tasks.map((priority, n) => ({ title: `task ${n}`, priority }));
  const body = { project_id: project.id, name: "sequence", tasks: named };
  const made = good(await desk.call("createRun", { body })) as { run: RunView; tasks: TaskView[] };
  const game: Game = { desk, model: newModel(approval, made.tasks), run_id: made.run.id, stranger, disturbed_at: 0 };
  try {
    for (const [n, one] of steps.entries()) {
      await taken(game, one).catch((error: unknown) => {
        if (!(error instanceof Unexpected)) throw error;
        throw new Unexpected(`step ${n + 1} (${one.by} ${one.do}): ${error.message}`);
      });
      await settled(game);
    }
  } finally {
    // Nothing of it may be given to the next sequence.
    await desk.call("killRun", { params: { id: game.run_id }, body: {} });
  }
}

function taken(game: Game, one: Step): Promise<void> {
  switch (one.by) {
    case "claimer":
      return one.again === undefined || game.model.leases.length === 0 ? claimed(game, one) : claimedAgain(game, one);
    case "holder":
      return game.model.leases.length === 0 ? Promise.resolve() : held(game, one);
    case "operator":
      return operated(game, one);
    case "owner":
      return owned(game, one);
    case "watcher":
      return watched(game, one);
    case "repeater":
      return repeated(game, one);
  }
}

/** A run without open tasks ends by itself, a moment after its last task. */
async function settled({ desk, model, run_id }: Game): Promise<void> {
  const end = endOf(model);
  if (end === null || (model.state !== "active" && model.state !== "paused")) return;
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    const { run } = good(await desk.call("getRun", { params: { id: run_id } })) as { run: RunView };
    if (run.state === end) break;
    if (performance.now() > until) throw new Unexpected(`a run with nothing left to do stays ${run.state}, not ${end}`);
    await pause(5);
  }
  model.state = end;
}

const SETTLE_MS = 20_000;
