/** Foreign ids over every route: to whoever belongs to another workspace (or holds another lease) a thing that is there answers as one that is not. */
import type { Role } from "@baton/domain";
import { ROUTES, type Route, type RouteName } from "@baton/domain/api";
import { parsed } from "./judge.ts";
import { type Kind, openPool, type Pool } from "./pool.ts";
import { type Call, type Hands, handsOf, type Mutation, SCENES } from "./scenes.ts";
import { sentOf } from "./threefold.ts";
import type { Heard, Wire } from "./wire.ts";
import type { Workspace } from "./workspaces.ts";

export interface Border {
  wire: Wire;
  owner: { workspace: Workspace; hands: Hands; pool: Pool };
  /** Of another workspace, by role. */
  strangers: Record<Role, string>;
}

export async function openBorder(wire: Wire, url: string, owner: Workspace, other: Workspace): Promise<Border> {
  const pool = await openPool(url, owner.token);
  const strangers = (await openPool(url, other.token)).tokens;
  return { wire, owner: { workspace: owner, hands: handsOf(url, owner.token), pool }, strangers };
}

/** No token is needed for them, and they name nothing. */
const OPEN: readonly RouteName[] = ["login", "logout", "status"];
export const CLOSED = (Object.keys(ROUTES) as RouteName[]).filter((name) => !OPEN.includes(name));

/** What a foreign caller of the route is told more than that there is nothing; and how many calls it took to see it. */
export async function authorityFaults(border: Border, name: RouteName): Promise<{ faults: string[]; asked: number }> {
  const { wire, owner, strangers } = border;
  const call = await callOf(border, name);
  const unknown = JSON.parse(withOtherIds(JSON.stringify(call))) as Call;
  const send = (one: Call, token: string) => wire.send(sentOf(name, one, token, crypto.randomUUID()));
  const before = JSON.stringify(await owner.workspace.count());
  const callers: [who: string, token: string][] = Object.entries(strangers).map(([role, token]) => [
    `a foreign ${role}`,
    token,
  ]);
  // Another agent of the same workspace has no part in a lease.
  if (ROUTES[name].path.startsWith("/api/leases/:id")) callers.push(["another agent", owner.pool.tokens.agent]);
  const faults: string[] = [];
  for (const [who, token] of callers) {
    const foreign = await send(call, token);
    const nothing = await send(unknown, token);
    faults.push(
      ...differences(name, call, foreign, nothing, ownIds(owner.pool, call)).map((fault) => `${name}: ${who} ${fault}`),
    );
  }
  const after = JSON.stringify(await owner.workspace.count());
  if (after !== before) faults.push(`${name}: strangers have written: ${before} became ${after}`);
  await mustBeGood(name, await send(call, owner.workspace.token));
  return { faults, asked: 2 * callers.length };
}

/** Or it would be no wonder that strangers are refused. */
async function mustBeGood(name: RouteName, { status, body }: Heard): Promise<void> {
  if (status >= 400) throw new Error(`${name} is refused to its owner: ${status} ${body.slice(0, 300)}`);
}

function differences(name: RouteName, call: Call, foreign: Heard, nothing: Heard, ids: string[]): string[] {
  const seen = ids.filter((id) => foreign.body.includes(id));
  const faults = seen.length > 0 ? [`is told of ${seen[0]}: ${foreign.body.slice(0, 200)}`] : [];
  if (told(foreign) !== told(nothing) && namesSomething(call)) {
    faults.push(
      `is told ${told(foreign).slice(0, 200)} of what is there, ${told(nothing).slice(0, 200)} of what is not`,
    );
  }
  const hidden = foreign.status === 404 || foreign.status === 403;
  if (ROUTES[name].path.includes("/:id") && !hidden)
    faults.push(`is told ${foreign.status} ${foreign.body.slice(0, 200)}`);
  return faults;
}

/** Without what is another one for each request. */
function told({ status, body }: Heard): string {
  const json = parsed(body);
  if (typeof json !== "object" || json === null) return `${status} ${body}`;
  const { request_id: _, ...rest } = json as Record<string, unknown>;
  return `${status} ${JSON.stringify(rest)}`;
}

const ID = /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Ids that nobody ever had. What the caller makes up itself (no version 7) stays as it is. */
function withOtherIds(text: string): string {
  return text.replace(ID, (id) => `${id.slice(0, 24)}${crypto.randomUUID().slice(24)}`);
}

const namesSomething = (call: Call) => JSON.stringify(call).match(ID) !== null;

function ownIds(pool: Pool, call: Call): string[] {
  return [...Object.values(pool.ids).flat(), ...(JSON.stringify(call).match(ID) ?? [])];
}

/** A call that its owner may make, with every id in it that it can take. */
async function callOf({ owner }: Border, name: RouteName): Promise<Call> {
  if (isMutation(name)) return SCENES[name](owner.hands);
  if (name === "getProof") return proofCall(owner.hands);
  // Held by an admin, not by the agent that asks.
  if (name === "taskContext") return { params: (await SCENES.heartbeat(owner.hands)).params ?? {} };
  const route: Route = ROUTES[name];
  const newest = (of: string) => new Map(Object.entries(owner.pool.ids)).get(of)?.at(-1) ?? "";
  const params = { id: newest(route.path.split("/")[2] ?? ""), proof_id: "", role: "dev", from: "dev", to: "qa" };
  const query = Object.fromEntries((FILTERS[name] ?? []).map(([field, of]) => [field, newest(of)]));
  return { params, query };
}

const isMutation = (name: RouteName): name is Mutation => ROUTES[name].method !== "get";

const CURSOR = (of: Kind): [string, Kind] => ["cursor", of];

/** Ids in queries. */
const FILTERS: Partial<Record<RouteName, [string, Kind][]>> = {
  listProjects: [CURSOR("projects")],
  listFeatures: [["project_id", "projects"], CURSOR("features")],
  listRuns: [["project_id", "projects"], ["feature_id", "features"], CURSOR("runs")],
  listTasks: [["run_id", "runs"], CURSOR("tasks")],
  readyTasks: [["run_id", "runs"]],
  listTokens: [CURSOR("tokens")],
};

/** A proof and its task belong together. */
async function proofCall(hands: Hands): Promise<Call> {
  const { params } = await SCENES.addProof(hands);
  const id = params?.id ?? "";
  const file = new Uint8Array([1, 2, 3]);
  const added = await hands.admin.call("addProof", { params: { id }, query: { name: "seen.bin" }, file });
  if (!added.ok) throw new Error("a good proof was refused");
  return { params: { id, proof_id: added.value.proof.id } };
}
