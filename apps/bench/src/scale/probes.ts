/** What is timed beside the stored tasks: claims, hops and lists, as an agent and a dashboard ask for them over HTTP. */
import { randomUUID } from "node:crypto";
import { type Client, openClient } from "@baton/client";
import type { ClaimedLease } from "@baton/domain/api";
import { now } from "../clock.ts";
import { percentile } from "../figures.ts";

/** Of each, how many are timed. */
const CLAIMS = 200;
const HOPS = 100;
const LISTS = 50;

/** Median of each in ms, in the order of the table. */
export type Probed = Record<string, number>;

export async function probe(url: string, token: string): Promise<Probed> {
  const client = openClient({ url, token });
  const { project } = await done(client.call("createProject", { body: { name: "scale" } }));
  const tasks = Array.from({ length: CLAIMS }, (_, n) => ({ title: `task ${n}` }));
  const { run } = await done(client.call("createRun", { body: { project_id: project.id, name: "scale", tasks } }));
  try {
    const leases: ClaimedLease[] = [];
    const claims = await timed(CLAIMS, async () => void leases.push(await claim(client, "dev")));
    const hops = await timed(HOPS, async (n) => hop(client, leases[n]));
    return { claim: claims, hop: hops, ...(await lists(client, run.id, leases[0]?.task.id ?? "")) };
  } finally {
    await done(client.call("killRun", { params: { id: run.id }, body: {} }));
  }
}

async function lists(client: Client, run_id: string, task_id: string): Promise<Probed> {
  const params = { id: run_id };
  const routes: Record<string, () => Promise<unknown>> = {
    "list runs": () => done(client.call("listRuns", { query: { limit: 50 } })),
    "list tasks": () => done(client.call("listTasks", { query: { limit: 50 } })),
    "list tasks of a run": () => done(client.call("listTasks", { query: { run_id, limit: 50 } })),
    "list failed tasks": () => done(client.call("listTasks", { query: { state: "failed", limit: 50 } })),
    "list ready tasks": () => done(client.call("readyTasks", { query: { limit: 50 } })),
    "progress of a run": () => done(client.call("taskProgress", { params })),
    "timeline of a task": () => done(client.call("timeline", { params: { id: task_id } })),
    status: () => done(client.call("status", {})),
  };
  const probed: Probed = {};
  for (const [name, call] of Object.entries(routes)) probed[name] = await timed(LISTS, call);
  return probed;
}

/** From telling that dev is done to the next agent's having the task, who waits for it. */
async function hop(client: Client, held: ClaimedLease | undefined): Promise<void> {
  if (held === undefined) throw new Error("there is no lease for the hop");
  const { id, epoch } = held.lease;
  const body = { epoch, result: "pass" as const, packet: { output_summary: "done" } };
  await Promise.all([claim(client, "qa"), done(client.call("complete", { params: { id }, body }))]);
}

async function claim(client: Client, stage: "dev" | "qa"): Promise<ClaimedLease> {
  const body = { claim_id: randomUUID(), stages: [stage], agent: { id: stage }, wait_s: stage === "qa" ? 20 : 0 };
  const given = await done(client.call("claim", { body }));
  if (given === null) throw new Error(`there is nothing to claim in ${stage}`);
  return given;
}

async function timed(count: number, call: (n: number) => Promise<unknown>): Promise<number> {
  const ms: number[] = [];
  for (let n = 0; n < count; n += 1) {
    const start = now();
    await call(n);
    ms.push(now() - start);
  }
  return percentile(ms, 0.5);
}

async function done<T>(
  answer: Promise<{ ok: true; value: T } | { ok: false; problem: { detail: string } }>,
): Promise<T> {
  const told = await answer;
  if (!told.ok) throw new Error(told.problem.detail);
  return told.value;
}
