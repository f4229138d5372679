/** Whether the line still works, whatever was done to it: one new task through all stages over HTTP. */
import { type Client, openClient } from "@baton/client";
import { STAGES, type Stage } from "@baton/domain";
import { value } from "./pool.ts";

/** Throws what does not work. Runs that are open are killed first, or their tasks would be given out too. */
export async function stillWorks({ url, token }: { url: string; token: string }): Promise<void> {
  const admin = openClient({ url, token });
  await killOpenRuns(admin);
  const { project } = await value(admin.call("createProject", { body: { name: "still works" } }));
  const body = { project_id: project.id, name: "still works", tasks: [{ title: "one" }] };
  const { tasks } = await value(admin.call("createRun", { body }));
  const id = tasks[0]?.id ?? "";
  for (const stage of STAGES) await passStage(admin, id, stage);
  const { task } = await value(admin.call("getTask", { params: { id } }));
  if (task.state !== "completed") throw new Error(`the task is ${task.state} in ${task.stage}`);
}

async function killOpenRuns(admin: Client): Promise<void> {
  for (const state of ["active", "paused", "ready_for_commit"] as const) {
    for (;;) {
      const { items } = await value(admin.call("listRuns", { query: { state, limit: 200 } }));
      for (const run of items) await value(admin.call("killRun", { params: { id: run.id }, body: {} }));
      if (items.length < 200) break;
    }
  }
}

async function passStage(admin: Client, task_id: string, stage: Stage): Promise<void> {
  const agent = { id: `still-works-${stage}` };
  const body = { claim_id: crypto.randomUUID(), stages: [stage], agent, wait_s: 20 };
  const claimed = await value(admin.call("claim", { body }));
  if (claimed === null) throw new Error(`in ${stage} the task is not given out`);
  if (claimed.task.id !== task_id) {
    throw new Error(`in ${stage} another task is given out: ${JSON.stringify(claimed.task)}`);
  }
  const { id, epoch } = claimed.lease;
  const packet = { output_summary: `did ${stage}` };
  await value(admin.call("complete", { params: { id }, body: { epoch, result: "pass", packet } }));
}
