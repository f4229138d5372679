/** Messages of people for whoever holds a task. Heartbeats give them out, each once. */
import { insertMessage, type MessageRow, newId, pageOfMessages, wholeTask } from "@baton/db";
import { isFinal, ok, type Result, refused } from "@baton/domain";
import type { ListMessages, MessageAnswer, MessageList, MessageView, PostMessage } from "@baton/domain/api";
import type { Line } from "./line.ts";
import { NO_TASK, visibleTask } from "./look.ts";
import { pageOf } from "./page.ts";
import type { Principal } from "./principal.ts";

/** It waits for the next holder when nobody holds the task now. */
export async function postMessage(
  line: Line,
  who: Principal,
  { id: task_id, text }: PostMessage & { id: string },
): Promise<Result<MessageAnswer>> {
  const whole = await wholeTask(line.db, who.workspace_id, task_id);
  if (whole === null) return NO_TASK;
  const { state } = whole.task;
  if (isFinal(state)) return refused("transition_not_allowed", `The task is ${state}: nobody would read the message.`);
  const { workspace_id, name: author } = who;
  return ok({ message: view(await insertMessage(line.db, { id: newId(), workspace_id, task_id, author, text })) });
}

export async function listMessages(
  line: Line,
  who: Principal,
  input: ListMessages & { id: string },
): Promise<Result<MessageList>> {
  if ((await visibleTask(line, who, input.id)) === null) return NO_TASK;
  return ok(await pageOf(input, (page) => pageOfMessages(line.db, input.id, page), view));
}

function view({ id, task_id, author, text, created_at, delivered_at, lease_id }: MessageRow): MessageView {
  return {
    ...{ id, task_id, author, text, lease_id },
    created_at: created_at.toISOString(),
    delivered_at: delivered_at?.toISOString() ?? null,
  };
}
