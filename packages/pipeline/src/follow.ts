/** What follows a finished task: tasks that waited for it go on, and its run may be over. The director does the same for what a crash left. */
import { hangingOn, type TaskRow } from "@baton/db";
import type { OpenLine } from "./line.ts";
import { settleRun } from "./settle-run.ts";
import { unblockWaiting } from "./waiting.ts";

export interface Follower {
  follow(finished: readonly TaskRow[]): void;
  settle(): Promise<void>;
}

export function openFollower(line: OpenLine): Follower {
  let finished: TaskRow[] = [];
  let following: Promise<void> | null = null;

  /** Tasks that finish while we look are looked after together afterwards. */
  async function lookAfterAll(): Promise<void> {
    while (finished.length > 0) {
      const rows = finished;
      finished = [];
      await lookAfter(line, rows).catch(line.onError);
    }
    following = null;
  }

  return {
    follow: (rows) => {
      finished.push(...rows);
      if (finished.length > 0) following ??= Promise.resolve().then(lookAfterAll);
    },
    settle: async () => {
      await following;
    },
  };
}

/** Most tasks are neither waited for nor the last of their run: one look tells. */
async function lookAfter(line: OpenLine, rows: readonly TaskRow[]): Promise<void> {
  const { waited_for, over } = await hangingOn(line.db, rows);
  if (waited_for) await unblockWaiting(line).catch(line.onError);
  const ended = new Map(rows.map((row) => [row.run_id, row.workspace_id]));
  for (const run_id of over) await settleRun(line, ended.get(run_id) ?? "", run_id).catch(line.onError);
}
