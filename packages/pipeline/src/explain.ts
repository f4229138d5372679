/** Why a task is not moving: its blockers, its holder, when it is due, and what finishing it frees. */
import {
  attemptsOf,
  dependents,
  eventsOf,
  findProject,
  findTask,
  openDependencies,
  type ToldAttempt,
  type WholeTask,
} from "@baton/db";
import { IDLE_MINUTES, isStage, ok, type Result } from "@baton/domain";
import type { ExplainView } from "@baton/domain/api";
import { type Holder, whyOf } from "./explain-why.ts";
import type { Line } from "./line.ts";
import { NO_TASK, visibleTask } from "./look.ts";
import type { Principal } from "./principal.ts";
import { attemptView } from "./views.ts";
import { withheld } from "./withheld.ts";

export async function explain(line: Line, who: Principal, { id }: { id: string }): Promise<Result<ExplainView>> {
  const whole = await visibleTask(line, who, id);
  const now = (await findTask(line.db, who.workspace_id, id))?.now;
  if (whole === null || now === undefined) return NO_TASK;
  const { task } = whole;
  const attempts = await attemptsOf(line.db, id);
  const blockers = await blockersOf(line, whole);
  const holder = holderOf(whole, attempts, now, await idleMinutes(line, who, whole));
  const due = task.state === "pending" && task.due_at > now ? task.due_at.toISOString() : null;
  const waiting = await dependents(line.db, id);
  const moves = holder ? holder.alive && !holder.stuck : task.state === "pending" && blockers.length === 0;
  return ok({
    task_id: id,
    state: task.state,
    moving: moves && due === null,
    why: whyOf({ task, blockers, holder, due, repeating: await endedRepeating(line, whole) }),
    blockers,
    holder,
    next_due_at: due ?? task.block_until?.toISOString() ?? null,
    frees: waiting.map(({ task_id, title }) => ({ task_id, title })),
    attempts: attempts.map(attemptView),
  });
}

async function blockersOf(line: Line, { task }: WholeTask): Promise<ExplainView["blockers"]> {
  if (task.state === "blocked" && task.block_kind === "dependency") {
    const open = await openDependencies(line.db, task.id);
    const blockers = open.map((one) => ({
      kind: "dependency",
      task_id: one.task_id,
      title: one.title,
      reason: `is ${one.state}`,
    }));
    if (blockers.length > 0) return blockers;
  }
  if (task.state === "blocked") return [{ kind: task.block_kind ?? "needs_input", reason: task.block_reason ?? "" }];
  return task.state === "pending" ? withheld(line, task.id) : [];
}

async function idleMinutes(line: Line, who: Principal, { task }: WholeTask): Promise<number> {
  if (task.state !== "running" || !isStage(task.stage)) return IDLE_MINUTES;
  const project = await findProject(line.db, who.workspace_id, task.project_id);
  return project?.settings.idle_minutes?.[task.stage] ?? IDLE_MINUTES;
}

function holderOf({ task }: WholeTask, attempts: readonly ToldAttempt[], now: Date, idle_minutes: number): Holder {
  const open = attempts.find((attempt) => attempt.ended_at === null);
  if (open === undefined || task.lease_expires_at === null) return null;
  const alive = task.lease_expires_at > now;
  const idle_ms = now.getTime() - open.progress_at.getTime();
  return {
    agent_id: open.agent_id,
    lease_id: open.id,
    started_at: open.started_at.toISOString(),
    last_heartbeat_at: open.heartbeat_at.toISOString(),
    last_progress_at: open.progress_at.toISOString(),
    progress: open.progress,
    expires_at: task.lease_expires_at.toISOString(),
    deadline_at: open.deadline_at?.toISOString() ?? null,
    alive,
    stuck: alive && idle_ms >= idle_minutes * 60_000,
    idle_minutes,
  };
}

/** Whether it was ended because a rejection only said what the one before had said. */
async function endedRepeating(line: Line, { task }: WholeTask): Promise<boolean> {
  if (task.state !== "failed") return false;
  const [newest] = await eventsOf(line.db, task.id, task.seq - 1, 1);
  return newest?.data.repeating === true;
}
