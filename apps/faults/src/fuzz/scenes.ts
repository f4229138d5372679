/** Every mutation of the route table with a scene in which it is allowed. A route without a scene does not compile. */
import { type Client, openClient } from "@baton/client";
import type { ClaimedLease, ROUTES, RouteName, RunWithTasks } from "@baton/domain/api";
import { value } from "./pool.ts";

type Table = typeof ROUTES;
export type Mutation = { [N in RouteName]: Table[N]["method"] extends "get" ? never : N }[RouteName];

export interface Call {
  params?: Record<string, string>;
  query?: Record<string, string>;
  body?: object;
  file?: string;
  /** The same call with something else in it; none where nothing else can be said. */
  other?: object;
}

/** What a scene is made with, in a workspace of its own. */
export interface Hands {
  admin: Client;
}

export const handsOf = (url: string, token: string): Hands => ({ admin: openClient({ url, token }) });

/** Makes everything new, so that a scene may be made again and again. */
export const SCENES: Record<Mutation, (hands: Hands) => Promise<Call>> = {
  createProject: async () => ({ body: { name: "p" }, other: { name: "q" } }),
  updateProject: async (hands) => ({ params: await project(hands), body: { name: "p" }, other: { name: "q" } }),
  pauseStage: async (hands) => ({
    params: { ...(await project(hands)), stage: "qa" },
    body: {},
    other: { reason: "r" },
  }),
  resumeStage: async (hands) => {
    const params = { ...(await project(hands)), stage: "qa" as const };
    await value(hands.admin.call("pauseStage", { params, body: {} }));
    return { params, body: {} };
  },
  createFeature: async (hands) => {
    const { id: project_id } = await project(hands);
    return { body: { project_id, title: "f" }, other: { project_id, title: "g" } };
  },
  putContract: async (hands) => ({
    params: { ...(await project(hands)), from: "dev", to: "qa" },
    ...{ body: { artifacts: [{ name: "a.txt" }] }, other: { artifacts: [] } },
  }),
  addFeaturePacket: async (hands) => ({
    params: { id: await feature(hands) },
    ...{ body: { ...FEATURE_PACKET }, other: { ...FEATURE_PACKET, output_summary: "other" } },
  }),
  createRun: async (hands) => {
    const body = { project_id: (await project(hands)).id, name: "r", tasks: [{ title: "t" }] };
    return { body, other: { ...body, name: "s" } };
  },
  addTasks: async (hands) => ({
    params: { id: (await run(hands)).run.id },
    ...{ body: { tasks: [{ title: "t" }] }, other: { tasks: [{ title: "u" }] } },
  }),
  pauseRun: async (hands) => ({ params: { id: (await run(hands)).run.id }, body: {} }),
  resumeRun: async (hands) => {
    const params = { id: (await run(hands)).run.id };
    await value(hands.admin.call("pauseRun", { params }));
    return { params, body: {} };
  },
  killRun: async (hands) => ({ params: { id: (await run(hands)).run.id }, body: {}, other: { reason: "r" } }),
  triggerAgent: async (hands) => ({
    params: { id: (await run(hands)).run.id },
    ...{ body: { stage: "dev" }, other: { stage: "qa" } },
  }),
  triggerPipeline: async (hands) => ({ params: { id: (await run(hands)).run.id }, body: {} }),
  approveRun: async (hands) => ({ params: { id: await readyForCommit(hands) }, body: {} }),
  planRun: async (hands) => ({
    params: { id: await goal(hands) },
    body: { claim_id: fresh(), agent: { id: "planner" } },
  }),
  beatPlan: async (hands) => ({ ...(await plan(hands, {})) }),
  completePlan: async (hands) => plan(hands, { packet: { output_summary: "s", tasks: [{ title: "t" }] } }),
  failPlan: async (hands) => plan(hands, { reason: "r" }, { reason: "s" }),
  advanceStage: async (hands) => ({ params: await task(hands), body: { result: "pass" }, other: { result: "fail" } }),
  setStage: async (hands) => ({ params: await task(hands), body: { stage: "sec" }, other: { stage: "docs" } }),
  cancelTask: async (hands) => ({ params: await task(hands), body: {}, other: { reason: "r" } }),
  reopenTask: async (hands) => {
    const params = await task(hands);
    await value(hands.admin.call("cancelTask", { params, body: {} }));
    return { params, body: {} };
  },
  postMessage: async (hands) => ({ params: await task(hands), body: { text: "t" }, other: { text: "u" } }),
  unblockTask: async (hands) => {
    const { lease } = await held(hands);
    const body = { epoch: lease.epoch, kind: "needs_input" as const, reason: "r" };
    await value(hands.admin.call("block", { params: { id: lease.id }, body }));
    return { params: { id: lease.task_id }, body: {} };
  },
  claim: async (hands) => {
    await run(hands);
    return { body: { claim_id: fresh(), stages: ["dev"], agent: { id: fresh() } } };
  },
  heartbeat: async (hands) => lease(hands, {}, { progress: "p" }),
  checkpoint: async (hands) => lease(hands, { packet: { output_summary: "s" } }, { packet: {} }),
  addFindings: async (hands) => lease(hands, { findings: [{ title: "f" }] }, { findings: [{ title: "g" }] }),
  complete: async (hands) => lease(hands, { result: "pass", packet: PACKET }, { result: "reject", packet: PACKET }),
  fail: async (hands) => lease(hands, failure("m"), failure("n")),
  block: async (hands) => lease(hands, { kind: "needs_input", reason: "r" }, { kind: "needs_input", reason: "s" }),
  release: async (hands) => lease(hands, {}),
  acceptHandoff: async (hands) => ({
    params: { id: await offered(hands) },
    body: { claim_id: fresh(), agent: { id: fresh() } },
  }),
  completeHandoff: async (hands) => handoff(hands, { packet: PACKET }, { packet: { output_summary: "other" } }),
  failHandoff: async (hands) => handoff(hands, { reason: "r" }, { reason: "s" }),
  putArtifact: async (hands) => {
    const { lease: given } = await held(hands);
    return { params: { id: given.id, name: "a.txt" }, query: { epoch: String(given.epoch) }, file: "the file" };
  },
  addProof: async (hands) => ({ params: await task(hands), query: { name: "seen.txt" }, file: "the proof" }),
  putRole: async ({ admin }) => {
    const params = { role: "pm" as const };
    // The first version of a workspace brings the shipped roles with it.
    await value(admin.call("putRole", { params, body: { template: "{{goal}}" } }));
    return { params, body: { template: "a {{goal}}" }, other: { template: "b {{goal}}" } };
  },
  createToken: async () => ({ body: { name: "t", role: "agent" }, other: { name: "u", role: "agent" } }),
  revokeToken: async (hands) => {
    const made = await value(hands.admin.call("createToken", { body: { name: "t", role: "agent" } }));
    return { params: { id: made.id } };
  },
  login: async () => ({ body: { token: "not a token" } }),
  logout: async () => ({ body: {} }),
};

const PACKET = { output_summary: "did it" };
const FEATURE_PACKET = { phase: "planning", agent_id: "a", agent_name: "n", ...PACKET };
const failure = (message: string) => ({ error: { message, fault: "environment" } });
const fresh = () => crypto.randomUUID();

async function project({ admin }: Hands, settings = {}): Promise<{ id: string }> {
  const { project: made } = await value(admin.call("createProject", { body: { name: "p", settings } }));
  return { id: made.id };
}

async function feature(hands: Hands): Promise<string> {
  const body = { project_id: (await project(hands)).id, title: "f" };
  return (await value(hands.admin.call("createFeature", { body }))).feature.id;
}

async function run(hands: Hands, settings = {}): Promise<RunWithTasks> {
  const body = { project_id: (await project(hands, settings)).id, name: "r", tasks: [{ title: "t" }] };
  return value(hands.admin.call("createRun", { body }));
}

async function task(hands: Hands): Promise<{ id: string }> {
  return { id: (await run(hands)).tasks[0]?.id ?? "" };
}

async function goal(hands: Hands): Promise<string> {
  const body = { project_id: (await project(hands)).id, name: "r", goal: "a goal" };
  return (await value(hands.admin.call("createRun", { body }))).run.id;
}

async function plan(hands: Hands, body: object, other?: object): Promise<Call> {
  const params = { id: await goal(hands) };
  const asked = { claim_id: fresh(), agent: { id: "planner" } };
  const { plan: given } = await value(hands.admin.call("planRun", { params, body: asked }));
  const { id, epoch } = given;
  return { params: { id }, body: { epoch, ...body }, ...(other && { other: { epoch, ...other } }) };
}

/** Whatever is ready in dev: what other scenes left is as good as what is made now. */
async function held(hands: Hands): Promise<ClaimedLease> {
  await run(hands);
  const body = { claim_id: fresh(), stages: ["dev" as const], agent: { id: fresh() }, wait_s: 10 };
  const claimed = await value(hands.admin.call("claim", { body }));
  if (claimed === null) throw new Error("there is nothing to claim in dev");
  return claimed;
}

async function lease(hands: Hands, body: object, other?: object): Promise<Call> {
  const { id, epoch } = (await held(hands)).lease;
  return { params: { id }, body: { epoch, ...body }, ...(other && { other: { epoch, ...other } }) };
}

/** Passed by dev, and nobody's yet. Its id is that of the packet. */
async function offered(hands: Hands): Promise<string> {
  const { id, epoch } = (await held(hands)).lease;
  const body = { epoch, result: "pass" as const, packet: PACKET };
  return (await value(hands.admin.call("complete", { params: { id }, body }))).packet.id;
}

async function handoff(hands: Hands, body: object, other: object): Promise<Call> {
  const params = { id: await offered(hands) };
  const asked = { claim_id: fresh(), agent: { id: fresh() } };
  const { epoch } = (await value(hands.admin.call("acceptHandoff", { params, body: asked }))).lease;
  return { params, body: { epoch, ...body }, other: { epoch, ...other } };
}

const SETTLE_MS = 15_000;

async function readyForCommit(hands: Hands): Promise<string> {
  const made = await run(hands, { approval: "required" });
  const params = { id: made.tasks[0]?.id ?? "" };
  for (let stage = 0; stage < 4; stage += 1) {
    await value(hands.admin.call("advanceStage", { params, body: { result: "pass" } }));
  }
  const until = performance.now() + SETTLE_MS;
  for (;;) {
    const { run: now } = await value(hands.admin.call("getRun", { params: { id: made.run.id } }));
    if (now.state === "ready_for_commit") return now.id;
    if (performance.now() > until) throw new Error(`a run with nothing left to do stays ${now.state}`);
  }
}
