/** Handoffs for tests: a task whose dev has passed, and the steps of an agent that drives by hand. */
import type { AcceptedHandoff, ClaimedLease, HandoffView } from "@baton/domain/api";
import type { Caller } from "./caller.ts";
import type { Served } from "./served.ts";
import { claimBody, pass, run } from "./work.ts";

/** A fresh task, passed by dev: the run, the task's id and the handoff to qa. */
export async function offered(api: Served, settings = {}) {
  const { run: made, tasks } = await run(api, [{ title: "handed over" }], settings);
  const { packet, task } = await pass(api, "dev");
  return { run: made, task_id: tasks[0]?.id ?? task.id, handoff_id: packet.id };
}

export function acceptBody(more = {}) {
  const { claim_id } = claimBody();
  return { claim_id, agent: { id: "another agent" }, ...more };
}

/** Each stage has an agent of its own: nobody judges what is its own work. */
export async function accepted({ agent }: { agent: Caller }, id: string): Promise<AcceptedHandoff> {
  const { handoff } = await agent.ok("getHandoff", { params: { id } });
  const body = acceptBody({ agent: { id: `${handoff.to_stage}-agent` } });
  return agent.ok("acceptHandoff", { params: { id }, body });
}

/** The same as the queue gives it. */
export async function pulled({ agent }: { agent: Caller }, stage: "dev" | "qa" | "sec"): Promise<ClaimedLease> {
  const value = await agent.ok("claim", { body: claimBody([stage], { agent: { id: `${stage}-agent` } }) });
  if (value === null) throw new Error(`nothing to claim in ${stage}`);
  return value;
}

export const doneBy = ({ lease }: AcceptedHandoff, more = {}) => ({
  ...{ epoch: lease.epoch, packet: { output_summary: `did ${lease.stage}` } },
  ...more,
});

/** The handoffs of a task, newest first. */
export async function handoffsOf(api: Served, task_id: string): Promise<HandoffView[]> {
  return (await api.producer.ok("listHandoffs", { params: { id: task_id } })).items;
}
