/** Messages that people leave for whoever holds a task. They are given out by heartbeats, in `heartbeat.sql`. */

import type { Db } from "./client.ts";
import { and, desc, eq, lt } from "./drizzle.ts";
import type { Page } from "./projects.ts";
import { task_messages } from "./schema/index.ts";

export type MessageRow = typeof task_messages.$inferSelect;

export async function insertMessage(
  db: Db,
  message: Pick<MessageRow, "id" | "workspace_id" | "task_id" | "author" | "text">,
): Promise<MessageRow> {
  const [row] = await db.orm.insert(task_messages).values(message).returning();
  if (row === undefined) throw new Error("the message was not written");
  return row;
}

/** Newest first. */
export async function pageOfMessages(db: Db, task_id: string, page: Page): Promise<MessageRow[]> {
  return db.orm
    .select()
    .from(task_messages)
    .where(
      and(eq(task_messages.task_id, task_id), page.before === null ? undefined : lt(task_messages.id, page.before)),
    )
    .orderBy(desc(task_messages.id))
    .limit(page.limit);
}
