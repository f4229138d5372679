/** Tasks that waited long enough: their dependencies are completed, or their `until` has come. */
import { type TaskRow, taskOf, tasksDoneWaiting } from "@baton/db";
import { decide } from "@baton/domain";
import type { Line } from "./line.ts";

const PAGE = 500;

/** Unblocks them, page by page; gives how many. */
export async function unblockWaiting(line: Line): Promise<number> {
  let unblocked = 0;
  for (;;) {
    const rows = await tasksDoneWaiting(line.db, PAGE);
    const done = (await Promise.all(rows.map((row) => unblock(line, row)))).filter(Boolean).length;
    unblocked += done;
    if (rows.length < PAGE || done === 0) return unblocked;
  }
}

async function unblock(line: Line, row: TaskRow): Promise<boolean> {
  const before = taskOf(row);
  const decision = decide(before, { name: "unblock" }, row.updated_at.getTime());
  if (!decision.ok) return false;
  const applied = await line.write({
    command: "unblock",
    before,
    after: decision.task,
    event: decision.event,
    actor: "baton",
  });
  if (applied) line.announce([applied]);
  return applied !== null;
}
