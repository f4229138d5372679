/** What is there to be named: things of every kind, some of them live leases, so that bad input reaches as deep as good input does. */
import { type Client, openClient } from "@baton/client";
import type { Role } from "@baton/domain";
import fc from "fast-check";
import type { Known } from "./valid.ts";

const KINDS = [
  ...(["projects", "features", "runs", "tasks", "leases", "tokens"] as const),
  ...(["handoffs", "artifacts", "plans", "proofs"] as const),
];
export type Kind = (typeof KINDS)[number];

export interface Pool {
  /** By role; none for whoever sends none. */
  tokens: Record<Role, string>;
  ids: Record<Kind, string[]>;
  /** Adds what is used up: runs, tasks, leases and what hangs on them. */
  refill(): Promise<void>;
}

/** Of each kind so many of the newest are named. */
const NEWEST = 12;

export async function openPool(url: string, admin_token: string): Promise<Pool> {
  const admin = openClient({ url, token: admin_token });
  const tokenOf = async (role: Role) =>
    (await value(admin.call("createToken", { body: { name: `fuzz ${role}`, role } }))).token;
  const tokens = { admin: admin_token, producer: await tokenOf("producer"), agent: await tokenOf("agent") };
  const agent = openClient({ url, token: tokens.agent });
  const ids = Object.fromEntries(KINDS.map((kind) => [kind, [] as string[]])) as Pool["ids"];
  const add = (kind: Kind, id: string) => {
    ids[kind] = [...ids[kind], id].slice(-NEWEST);
  };
  const pool: Pool = { tokens, ids, refill: () => refill({ admin, agent, add }) };
  await pool.refill();
  return pool;
}

interface Hands {
  admin: Client;
  agent: Client;
  add: (kind: Kind, id: string) => void;
}

const TASKS = 4;

async function refill({ admin, agent, add }: Hands): Promise<void> {
  const { project } = await value(admin.call("createProject", { body: { name: "fuzz" } }));
  add("projects", project.id);
  const project_id = project.id;
  add("features", (await value(admin.call("createFeature", { body: { project_id, title: "fuzz" } }))).feature.id);
  const tasks = Array.from({ length: TASKS }, (_, n) => ({ title: `task ${n}`, priority: 10 }));
  const sent = await value(admin.call("createRun", { body: { project_id, name: "fuzz", tasks } }));
  add("runs", sent.run.id);
  for (const { id } of sent.tasks) add("tasks", id);
  const goal = await value(admin.call("createRun", { body: { project_id, name: "fuzz", goal: "a goal" } }));
  add("runs", goal.run.id);
  const plan = { claim_id: crypto.randomUUID(), agent: { id: "planner" } };
  add("plans", (await value(agent.call("planRun", { params: { id: goal.run.id }, body: plan }))).plan.id);
  add("tokens", (await value(admin.call("createToken", { body: { name: "victim", role: "agent" } }))).id);
  for (let n = 0; n < TASKS; n += 1) await holdOne({ admin, agent, add }, n === 0);
}

/** Others may have been quicker: then there is one lease less. */
async function holdOne({ agent, add }: Hands, pass: boolean): Promise<void> {
  const body = { claim_id: crypto.randomUUID(), stages: ["dev" as const], agent: { id: "fuzz" } };
  const claimed = await agent.call("claim", { body });
  if (!claimed.ok || claimed.value === null) return;
  const { lease, task } = claimed.value;
  const { id, epoch } = lease;
  const file = new Uint8Array([1, 2, 3]);
  const put = await agent.call("putArtifact", { params: { id, name: "left.bin" }, query: { epoch }, file });
  if (put.ok) add("artifacts", put.value.artifact.id);
  const query = { name: "seen.bin", lease_id: id, epoch };
  const proof = await agent.call("addProof", { params: { id: task.id }, query, file });
  if (proof.ok) add("proofs", proof.value.proof.id);
  if (!pass) return add("leases", id);
  const done = { epoch, result: "pass" as const, packet: { output_summary: "done" } };
  const passed = await agent.call("complete", { params: { id }, body: done });
  if (passed.ok) add("handoffs", passed.value.packet.id);
}

/** Of a call that has no reason to be refused. */
export async function value<T>(called: Promise<{ ok: true; value: T } | { ok: false; problem: unknown }>): Promise<T> {
  const answer = await called;
  if (!answer.ok) throw new Error(`a good call was refused: ${JSON.stringify(answer.problem)}`);
  return answer.value;
}

const FIELDS: Record<string, Kind> = {
  ...{ project_id: "projects", feature_id: "features", run_id: "runs", task_id: "tasks", lease_id: "leases" },
  ...{ proof_id: "proofs", depends_on: "tasks" },
};

/** What a JSON Schema does not say of them. */
const PLAIN: Record<string, fc.Arbitrary<unknown>> = {
  wait_s: fc.constant(0),
  limit: fc.integer({ min: 1, max: 200 }),
  budget: fc.integer({ min: 1, max: 20_000 }),
  repository_url: fc.constantFrom(null, "/r", "https://example.test/r.git"),
  primary_branch: fc.constantFrom("main", "a/b"),
  to: fc.constantFrom("qa", "sec", "docs", "complete"),
  agent: fc.constantFrom({ id: "fuzz" }, { id: "other" }, { id: "x", kind: "k", model: "m", credential: "c" }),
};

/** Values that fit what is there. `kind`: what the id of the path names. */
export function knownIn(pool: Pool, kind: Kind | undefined): Known {
  const one = (of: Kind) => fc.nat(NEWEST - 1).map((n) => pool.ids[of][n % pool.ids[of].length] ?? crypto.randomUUID());
  return (name) => {
    const of = name === "id" ? kind : FIELDS[name];
    if (of !== undefined && name !== "depends_on") return fc.oneof({ weight: 9, arbitrary: one(of) }, fc.uuid());
    if (name === "depends_on") return fc.array(fc.oneof(fc.nat(3), one("tasks")), { maxLength: 2 });
    if (name === "epoch") return fc.oneof({ weight: 9, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 9 }));
    return PLAIN[name] ?? null;
  };
}
