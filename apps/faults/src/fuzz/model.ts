/** A run with a few tasks as the API must show it, on top of the line's own decisions. Pure: what the server alone knows (ids, delays) is told to it. */
import {
  type Command,
  type Decision,
  decide,
  isFinal,
  type LeaseRef,
  type Limits,
  type RunState,
  replay,
  type Stage,
  submitted,
  type Task,
} from "@baton/domain";
import type { TaskView } from "@baton/domain/api";

interface ModelTask {
  task: Task;
  priority: number;
  dev_agent: string | null;
}

/** Every lease ever given, oldest first. */
export interface ModelLease extends LeaseRef {
  task_id: string;
  agent: string;
  claim_id: string;
  /** Open findings of its draft that reject. */
  rejecting: number;
  /** How it ended, when somebody took it away. */
  cancelled: boolean;
}

export interface Model {
  tasks: Map<string, ModelTask>;
  leases: ModelLease[];
  state: RunState;
  approval: "none" | "required";
}

export function newModel(approval: Model["approval"], tasks: readonly TaskView[]): Model {
  const model: Model = { tasks: new Map(), leases: [], state: "active", approval };
  for (const view of tasks) addTask(model, view);
  return model;
}

export function addTask({ tasks }: Model, { id, limits, priority }: TaskView): void {
  // It is due when it is made: whatever the clocks say.
  tasks.set(id, {
    task: { ...replay([submitted(id, limits as Limits, false, 0)]), due_at: 0 },
    priority,
    dev_agent: null,
  });
}

/** What `command` makes of the task. What it makes is kept when it is allowed. */
export function step(model: Model, id: string, command: Command, now: number): Decision {
  const one = model.tasks.get(id);
  if (one === undefined) throw new Error("the model has no such task");
  const { task: before } = one;
  const decision = decide(before, command, now);
  if (!decision.ok) return decision;
  const passed_dev = decision.event.type === "passed" && before.stage === "dev";
  const holder = model.leases.find(({ lease_id }) => lease_id === before.lease?.id);
  if (command.name === "cancel" && holder) holder.cancelled = true;
  one.dev_agent = passed_dev ? (holder?.agent ?? null) : one.dev_agent;
  one.task = { ...decision.task, due_at: 0 };
  if (one.task.state === "pending" && isClosed(model) && model.state !== "killed") model.state = "active";
  return decision;
}

const isClosed = ({ state }: Model) => state !== "active" && state !== "paused";

/** The state in which a run ends that has nothing left to do; null while it has. */
export function endOf({ tasks, approval, state }: Model): RunState | null {
  const states = [...tasks.values()].map(({ task }) => task.state);
  if (state === "killed" || !states.every(isFinal)) return null;
  if (states.includes("failed") || !states.includes("completed")) return "failed";
  return approval === "required" ? "ready_for_commit" : "completed";
}

/** Two clocks of one machine, and what is under way. */
const CLOCKS_MS = 500;

export interface Claimable {
  /** Ids, the best first. */
  allowed: string[];
  /** One of them has to be given. */
  must: boolean;
}

/** What a claim may be given. A task that is due about now may be given or not. */
export function claimable({ tasks, state }: Model, agent: string, stages: readonly Stage[], now: number): Claimable {
  if (state === "paused") return { allowed: [], must: false };
  const ready = [...tasks.values()]
    .filter(({ task, dev_agent }) => {
      const own = (task.stage === "qa" || task.stage === "sec") && dev_agent === agent;
      return task.state === "pending" && stages.some((stage) => stage === task.stage) && !own;
    })
    .filter(({ task }) => task.due_at <= now + CLOCKS_MS)
    .toSorted((a, b) => b.priority - a.priority || (a.task.id < b.task.id ? -1 : 1));
  const surely = ready.findIndex(({ task }) => task.due_at < now - CLOCKS_MS);
  const best = surely === -1 ? ready : ready.slice(0, surely + 1);
  return { allowed: best.map(({ task }) => task.id), must: surely !== -1 };
}

/** Where the view differs from the model; null when it does not. */
export function differenceOf({ tasks }: Model, view: TaskView): string | null {
  const task = tasks.get(view.id)?.task;
  if (task === undefined) return `a task ${view.id} that is none of the run's`;
  const fields = ["stage", "state", "visit", "attempt", "failures", "crashes", "rejections"] as const;
  const wrong = fields.filter((field) => task[field] !== view[field]);
  if (task.block?.kind !== view.blocked?.kind) return `blocked by ${view.blocked?.kind}, not by ${task.block?.kind}`;
  return wrong.length === 0 ? null : wrong.map((field) => `${field} is ${view[field]}, not ${task[field]}`).join(", ");
}
