/** Why a task is or is not moving, in one sentence for people. Everything it says was read by `explain.ts`. */
import type { TaskRow } from "@baton/db";
import type { ExplainView } from "@baton/domain/api";

export type Holder = ExplainView["holder"];

export interface Standing {
  task: TaskRow;
  blockers: ExplainView["blockers"];
  holder: Holder;
  /** ISO 8601; null when it is due. */
  due: string | null;
  /** It failed because a rejection only repeated the one before. */
  repeating: boolean;
}

export function whyOf({ task, blockers, holder, due, repeating }: Standing): string {
  switch (task.state) {
    case "running":
      return held(task, holder);
    case "blocked":
      return sentence(
        `It waits: ${blockers.map(({ title, reason }) => [title, reason].filter(Boolean).join(" ")).join("; ")}`,
      );
    case "pending":
      if (blockers.length > 0) {
        return `It is ready for ${task.stage}, but ${blockers.map(({ reason }) => reason).join("; ")}.`;
      }
      return due
        ? `Its next attempt in ${task.stage} is due at ${due}.`
        : `It is ready and waits for an agent in ${task.stage}.`;
    case "completed":
      return "It has passed every stage.";
    case "failed":
      if (repeating) {
        return "It was repeating: the same finding came twice and dev changed nothing in between. Change the task or the code, then an admin can reopen it.";
      }
      return `Its limits are used up (${task.failures} failed attempts, ${task.crashes} crashes, ${task.rejections} loop-backs): an admin can reopen it.`;
    case "cancelled":
      return "It was taken off the line; an admin can reopen it unless its run was killed.";
  }
}

/** What people wrote may end a sentence by itself. */
function sentence(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}

function held(task: TaskRow, holder: Holder): string {
  if (!holder?.alive) {
    return "Its holder has not been heard of; the lease is over and it will be taken back within seconds.";
  }
  if (holder.stuck) {
    return `${holder.agent_id} is alive in ${task.stage}, but nothing new was seen of its work since ${holder.last_progress_at}: longer than ${holder.idle_minutes} minutes. It is left alone; leave it a message, or cancel the task.`;
  }
  return `${holder.agent_id} works on it in ${task.stage} until ${holder.expires_at} at the latest, unless it is heard of again.`;
}
