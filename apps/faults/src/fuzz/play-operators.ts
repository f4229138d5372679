/** The steps of operators: on one task, and on the run. */
import type { Command } from "@baton/domain";
import type { RunView, TaskView } from "@baton/domain/api";
import { Unexpected } from "./desk.ts";
import { type Game, good, refusedWith, same, sameRun, taskAt } from "./game.ts";
import { addTask, type Model, step } from "./model.ts";
import type { StepBy } from "./steps.ts";

const OPERATIONS = {
  advance: ["advanceStage", { result: "pass" }],
  send_back: ["advanceStage", { result: "fail" }],
  set_stage: ["setStage", {}],
  cancel: ["cancelTask", {}],
  reopen: ["reopenTask", {}],
  unblock: ["unblockTask", {}],
} as const;

export async function operated({ desk, model }: Game, { do: what, task: n, stage }: StepBy<"operator">): Promise<void> {
  const id = taskAt(model, n);
  const [name, body] = OPERATIONS[what as keyof typeof OPERATIONS];
  const told = await desk.call(name, { params: { id }, body: what === "set_stage" ? { stage } : body });
  if ((what === "set_stage" || what === "reopen") && model.state === "killed") return refusedWith(told, "run_closed");
  const decision = step(model, id, operation(what as keyof typeof OPERATIONS, stage), Date.now());
  if (!decision.ok) return refusedWith(told, decision.refusal.code);
  same(model, (good(told) as { task: TaskView }).task);
}

function operation(what: keyof typeof OPERATIONS, stage: StepBy<"operator">["stage"]): Command {
  if (what === "set_stage") return { name: what, stage };
  if (what === "cancel") return { name: what, reason: "" };
  return what === "advance" || what === "send_back" ? { name: what, notes: "" } : { name: what };
}

export async function owned(game: Game, { do: what }: StepBy<"owner">): Promise<void> {
  const { desk, model, run_id } = game;
  const params = { id: run_id };
  const open = model.state === "active" || model.state === "paused";
  if (what === "add") {
    const told = await desk.call("addTasks", { params, body: { tasks: [{ title: "one more" }] } });
    if (!open) return refusedWith(told, "run_closed");
    for (const view of (good(told) as { tasks: TaskView[] }).tasks) addTask(model, view);
    return;
  }
  const name = ({ pause: "pauseRun", resume: "resumeRun", kill: "killRun", approve: "approveRun" } as const)[
    what as "pause"
  ];
  const told = await desk.call(name, { params, body: {} });
  const kills = open || model.state === "ready_for_commit" || model.state === "killed";
  const may = name === ("approveRun" as string) ? model.state === "ready_for_commit" : what === "kill" ? kills : open;
  if (!may) return refusedWith(told, "run_closed");
  good(told);
  model.state = ({ pause: "paused", resume: "active", kill: "killed", approve: "completed" } as const)[what as "pause"];
  if (what === "kill") cancelAll(model, (told.body as { cancelled_tasks: number }).cancelled_tasks);
  sameRun(model, (told.body as { run: RunView }).run);
}

function cancelAll(model: Model, said: number): void {
  let cancelled = 0;
  for (const id of model.tasks.keys()) {
    if (step(model, id, { name: "cancel", reason: "" }, Date.now()).ok) cancelled += 1;
  }
  if (cancelled !== said) throw new Unexpected(`${said} tasks are cancelled, not ${cancelled}`);
}
