/** All tasks of a run as the API tells them, page by page. */
import type { TaskView } from "@baton/domain/api";
import type { Desk } from "../agents/desk.ts";

/** Small, so that the short forms turn pages as well. */
const PAGE = 20;

export function tasksOfRun(desk: Desk, run_id: string): Promise<TaskView[]> {
  return allPages(async (cursor) => {
    const query = { run_id, limit: PAGE, ...(cursor !== null && { cursor }) };
    const sent = await desk.settle({
      operation: null,
      call: (client, signal) => client.call("listTasks", { query, signal }),
    });
    if (sent?.type !== "ok") throw new Error("the tasks could not be read");
    return sent.value;
  });
}

interface Page<T> {
  items: readonly T[];
  next_cursor: string | null;
}

/** The first page is asked for without a cursor. */
export async function allPages<T>(read: (cursor: string | null) => Promise<Page<T>>): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Page<T> = await read(cursor);
    all.push(...page.items);
    cursor = page.next_cursor;
    if (cursor === null) return all;
  }
}
