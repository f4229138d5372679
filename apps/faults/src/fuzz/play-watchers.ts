/** The steps that change nothing: looks, and calls sent again under their keys. */
import { isStage } from "@baton/domain";
import type { EventView, ProgressView, RunView, TaskView } from "@baton/domain/api";
import { type Told, Unexpected } from "./desk.ts";
import { type Game, good, same, sameRun, taskAt } from "./game.ts";
import type { Model } from "./model.ts";
import type { StepBy } from "./steps.ts";

export async function watched(game: Game, { do: what, task: n }: StepBy<"watcher">): Promise<void> {
  const { desk, model, run_id } = game;
  const id = taskAt(model, n);
  switch (what) {
    case "task":
      return same(model, (good(await desk.call("getTask", { params: { id } })) as { task: TaskView }).task);
    case "timeline":
      return sameEvents(model, id, good(await desk.call("timeline", { params: { id }, query: { limit: "200" } })));
    case "progress":
      return sameCounts(model, good(await desk.call("taskProgress", { params: { id: run_id } })) as ProgressView);
    case "queue":
      return sameQueue(model, good(await desk.call("readyTasks", { query: { run_id } })));
    case "run":
      return sameRun(model, (good(await desk.call("getRun", { params: { id: run_id } })) as { run: RunView }).run);
  }
}

function sameEvents({ tasks }: Model, id: string, body: Told["body"]): void {
  const { items } = body as { items: EventView[] };
  const dense = items.every(({ seq }, at) => seq === at + 1);
  const task = tasks.get(id)?.task;
  const last = items.at(-1);
  const fits = last?.seq === task?.seq && last?.to.state === task?.state && last?.to.stage === task?.stage;
  if (!dense || !fits)
    throw new Unexpected(`the timeline ends with ${JSON.stringify(last)}, the model at event ${task?.seq}`);
}

function sameCounts({ tasks }: Model, { by_state, total }: ProgressView): void {
  const counts = Map.groupBy(tasks.values(), ({ task }) => task.state);
  const wrong = Object.entries(by_state).filter(
    ([state, count]) => (counts.get(state as never)?.length ?? 0) !== count,
  );
  if (wrong.length > 0 || total !== tasks.size)
    throw new Unexpected(`the progress says ${JSON.stringify({ by_state, total })}`);
}

/** What waits for its time or for the run to go on may be left out. */
function sameQueue({ tasks }: Model, body: Told["body"]): void {
  const { items } = body as { items: TaskView[] };
  const wrong = items.find(({ id }) => tasks.get(id)?.task.state !== "pending" || !isStage(tasks.get(id)?.task.stage));
  if (wrong) throw new Unexpected(`the queue shows ${wrong.id}, which is ${wrong.state}`);
}

export async function repeated({ desk }: Game, { call }: StepBy<"repeater">): Promise<void> {
  const before = desk.done[desk.done.length - 1 - (call % Math.max(1, desk.done.length))];
  if (before === undefined) return;
  const heard = await desk.send(before.sent);
  if (heard.status !== before.heard.status || heard.body !== before.heard.body) {
    throw new Unexpected(
      `${before.name}, sent again with its key, is told ${heard.status} ${heard.body.slice(0, 200)}`,
    );
  }
}
