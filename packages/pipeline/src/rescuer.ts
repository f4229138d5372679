/** The rescuer: a lease that is over is a crash. Writes by compare-and-set, so a task that its holder ended in the meantime is left alone. */
import { expiredTasks, leasesPastDeadline, type TaskRow, taskOf } from "@baton/db";
import { decide } from "@baton/domain";
import type { Line, OpenLine } from "./line.ts";

const PAGE = 500;
const SILENT = "the lease ran out without a word";

/** Rescues what is over, page by page, and gives how many it took back. One that cannot be taken back holds up no other. */
export async function rescueTasks(line: OpenLine): Promise<number> {
  let rescued = 0;
  for (;;) {
    const rows = await expiredTasks(line.db, PAGE);
    const leases = rows.flatMap((row) => row.lease_id ?? []);
    const ended = await leasesPastDeadline(line.db, leases);
    const ends = await Promise.allSettled(rows.map((row) => rescue(line, row, ended.get(row.lease_id ?? ""))));
    const done = ends.filter((end) => end.status === "fulfilled" && end.value).length;
    rescued += done;
    for (const end of ends) if (end.status === "rejected") line.onError(end.reason);
    if (rows.length < PAGE || done === 0) return rescued;
  }
}

/** `minutes`: as long as a lease of the stage may be; left out when it was not that which ended it. */
async function rescue(line: Line, row: TaskRow, minutes?: number): Promise<boolean> {
  const before = taskOf(row);
  // The database found the lease over by its own clock, and its guard will look again.
  const now = before.lease?.expires_at ?? 0;
  const decision = decide(before, { name: "expire" }, now);
  if (!decision.ok) return false;
  const { task: after, event } = decision;
  const message = minutes === undefined ? SILENT : `the lease lived for ${minutes} minutes, as long as any may`;
  const attempt = { outcome: "expire", message } as const;
  const applied = await line.write({ command: "expire", before, after, event, actor: "baton", attempt });
  if (applied) line.announce([applied]);
  return applied !== null;
}
