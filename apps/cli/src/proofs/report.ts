/** What a backfill did, in words: what was left out and why, and one line in sum. */
import type { Backfilled } from "./backfill.ts";
import { printable } from "./progress.ts";

export function report({ dry_run, taken, known, skipped, refused }: Backfilled): string {
  const lines = [
    ...(dry_run
      ? taken.map(({ path, kind, task_id }) => `would take in ${printable(path)} as ${kind} of task ${task_id}`)
      : []),
    ...skipped.map(({ path, why }) => `skipped ${printable(path)}: ${why}`),
    ...refused.map(({ path, why }) => `refused ${printable(path)}: ${why}`),
  ];
  const tasks = new Set(taken.map(({ task_id }) => task_id)).size;
  const of_tasks = tasks === 0 ? "" : ` of ${counted(tasks, "task")}`;
  const new_ones = `${dry_run ? "Would take in" : "Took in"} ${counted(taken.length, "proof")}${of_tasks}`;
  const before = dry_run ? "" : ` ${known.length} were there before.`;
  return [...lines, `${new_ones}.${before} ${skipped.length} skipped, ${refused.length} refused.`, ""].join("\n");
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
