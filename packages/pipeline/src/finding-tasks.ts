/** With `findings: tasks`, each open finding becomes a task of the run: once per fingerprint, however often it is found. */
import { newId, type RunRow, submit, type TaskRow } from "@baton/db";
import type { Finding } from "@baton/domain";
import type { Line } from "./line.ts";

/** Must be called with the lock of `run` held. */
export async function addFindingTasks(
  line: Line,
  run: RunRow,
  found_in: TaskRow,
  findings: readonly Finding[],
): Promise<void> {
  const open = findings.filter((finding) => finding.status === "open");
  const submitted = await submit(
    line.db,
    open.map((finding) => ({
      id: newId(),
      workspace_id: found_in.workspace_id,
      project_id: found_in.project_id,
      run_id: found_in.run_id,
      held: run.state === "paused",
      priority: finding.priority,
      limits: { rejections: found_in.max_rejections, attempts: found_in.max_failures, crashes: found_in.max_crashes },
      title: finding.title,
      description: finding.description,
      acceptance_criteria: [],
      depends_on: [],
      waits: false,
      finding_fingerprint: finding.fingerprint,
      found_in_task_id: found_in.id,
      actor: "baton",
      data: {
        limits: { rejections: found_in.max_rejections, attempts: found_in.max_failures, crashes: found_in.max_crashes },
        finding: finding.fingerprint,
      },
    })),
  );
  line.announce(submitted);
}
