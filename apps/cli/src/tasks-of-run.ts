/** All tasks of a run, page by page. */
import type { Client } from "@baton/client";
import type { TaskView } from "@baton/domain/api";
import { answered } from "./complaint.ts";

/** Newest first. */
export async function tasksOf(client: Client, run_id: string): Promise<TaskView[]> {
  const tasks: TaskView[] = [];
  let cursor: string | undefined;
  do {
    const page = answered(await client.call("listTasks", { query: { run_id, limit: 200, cursor } }));
    tasks.push(...page.items);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return tasks;
}
