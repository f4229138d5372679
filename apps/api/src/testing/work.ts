/** Work for tests: a project whose stages are all left to pulling agents, a run, and the steps of an agent. */
import type { ClaimedLease, RunWithTasks } from "@baton/domain/api";
import type { Served } from "./served.ts";

let made = 0;

export async function project({ producer }: Served, settings = {}): Promise<string> {
  const answer = await producer.ok("createProject", { body: { name: `project ${++made}`, settings } });
  return answer.project.id;
}

interface TaskInput {
  title: string;
  depends_on?: (number | string)[];
  priority?: number;
}

let before: string | null = null;

/** Takes the run made before off the line, so that nothing of it is claimed any more. */
export async function run(api: Served, tasks: TaskInput[] = [{ title: "t" }], settings = {}): Promise<RunWithTasks> {
  if (before !== null) await api.producer.call("killRun", { params: { id: before }, body: {} });
  const project_id = await project(api, settings);
  const sent = await api.producer.ok("createRun", { body: { project_id, name: "a run", tasks } });
  before = sent.run.id;
  return sent;
}

export function claimBody(stages: ("dev" | "qa" | "sec" | "docs")[] = ["dev"], more = {}) {
  // Nobody is given the next stages of what was its own work in dev.
  const agent = { id: stages.includes("dev") ? "agent-1" : "agent-2" };
  return { claim_id: `claim-${++made}`, stages, agent, ...more };
}

export async function claimed(api: Served, stage: "dev" | "qa" | "sec" | "docs" = "dev"): Promise<ClaimedLease> {
  const value = await api.agent.ok("claim", { body: claimBody([stage]) });
  if (value === null) throw new Error(`nothing to claim in ${stage}`);
  return value;
}

export const PACKET = { output_summary: "did the work" };

/** Claims in the stage and passes it. */
export async function pass(api: Served, stage: "dev" | "qa" | "sec" | "docs") {
  const { lease } = await claimed(api, stage);
  const body = { epoch: lease.epoch, result: "pass" as const, packet: PACKET };
  return api.agent.ok("complete", { params: { id: lease.id }, body });
}
