/** The newest ticket of a task, as it lies in the queue or will. */
import type { TaskRow } from "@baton/db";
import { isStage } from "@baton/domain";
import type { Ticket } from "@baton/queue";

/** None for a task that stands at no stage. */
export function newestTicket({ id, stage, visit, dispatch, bundle }: TaskRow): Ticket[] {
  return isStage(stage) ? [{ task_id: id, stage, visit, dispatch, bundle }] : [];
}
