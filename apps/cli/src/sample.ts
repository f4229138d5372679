/** The sample run: on an empty database, a small repository with a real bug is sent down the line. What it consists of is in `examples/sample`. */
import { join } from "node:path";
import type { Client } from "@baton/client";
import { prepareSample } from "../../../examples/sample/prepare.ts";
import { SAMPLE_RUN, sampleProject } from "../../../examples/sample/sample.ts";

export interface SampleRun {
  run_id: string;
  repository: string;
}

/** Null when there are projects already: whoever has work of their own wants no sample. */
export async function submitSample(client: Client, data_dir: string, signal: AbortSignal): Promise<SampleRun | null> {
  const projects = await client.call("listProjects", { query: { limit: 1 }, signal });
  if (!projects.ok) throw new Error(projects.problem.detail);
  if (projects.value === null || projects.value.items.length > 0) return null;
  const { path } = await prepareSample(join(data_dir, "sample"));
  const made = await client.call("createProject", { body: sampleProject(path, process.execPath), signal });
  if (!made.ok || made.value === null) throw new Error(made.ok ? "no project was made" : made.problem.detail);
  const body = { ...SAMPLE_RUN, project_id: made.value.project.id };
  const sent = await client.call("createRun", { body, signal });
  if (!sent.ok || sent.value === null) throw new Error(sent.ok ? "no run was made" : sent.problem.detail);
  return { run_id: sent.value.run.id, repository: path };
}
