/** Sends a mutation three times at the same moment under one key: one effect, and one answer for all who ask again. */
import { isDeepStrictEqual } from "node:util";
import { ROUTES, type Route, type RouteName } from "@baton/domain/api";
import { parsed } from "./judge.ts";
import { type Call, type Hands, type Mutation, SCENES } from "./scenes.ts";
import type { Heard, Sent, Wire } from "./wire.ts";
import type { Workspace } from "./workspaces.ts";

/** A session is not stored: each login is one of its own. */
const NOT_ONCE: readonly Mutation[] = ["login", "logout"];
export const MUTATIONS = (Object.keys(SCENES) as Mutation[]).filter((name) => !NOT_ONCE.includes(name));

export interface Place {
  wire: Wire;
  workspace: Workspace;
  hands: Hands;
  /** Of another workspace: the same key is another one there. */
  stranger: string;
}

/** What is wrong; nothing, when one is done and all are told the same. */
export async function threefoldFaults(place: Place, name: Mutation): Promise<string[]> {
  const once = await alone(place, name);
  const call = await SCENES[name](place.hands);
  const key = crypto.randomUUID();
  const before = await place.workspace.count();
  const sent = sentOf(name, call, place.workspace.token, key);
  const answers = await Promise.all([0, 1, 2].map(() => place.wire.send(sent)));
  const later = await place.wire.send(sent);
  const faults = [
    ...answerFaults(name, answers, later),
    ...(await otherBodyFaults(place, name, call, key)),
    ...(await strangerFaults(place, name, call, key, later)),
  ];
  const written = difference(before, await place.workspace.count());
  if (!isDeepStrictEqual(written, once)) {
    faults.push(`three at once write ${JSON.stringify(written)}, one alone ${JSON.stringify(once)}`);
  }
  return faults.map((fault) => `${name}: ${fault}`);
}

/** What one call alone writes. */
async function alone({ wire, workspace, hands }: Place, name: Mutation): Promise<Record<string, number>> {
  const call = await SCENES[name](hands);
  const before = await workspace.count();
  const answer = await wire.send(sentOf(name, call, workspace.token, crypto.randomUUID()));
  if (!isGood(answer))
    throw new Error(`${name} is refused in its scene: ${answer.status} ${answer.body.slice(0, 300)}`);
  return difference(before, await workspace.count());
}

const isGood = ({ status }: Heard) => status >= 200 && status < 300;

/** The twin of a call that is still running is told so, and nothing else. */
function answerFaults(name: Mutation, answers: Heard[], later: Heard): string[] {
  const good = answers.filter(isGood);
  const others = answers.filter((answer) => !isGood(answer) && !isTwin(answer));
  const faults = others.map(({ status, body }) => `one of three is told ${status} ${body.slice(0, 200)}`);
  if (good.length === 0) faults.push("none of three is done");
  if (!isGood(later)) faults.push(`asked again it is told ${later.status} ${later.body.slice(0, 200)}`);
  const route: Route = ROUTES[name];
  // A claim and a file say by their status whether it is the first answer.
  const same = (one: Heard) => one.body === later.body && (one.status === later.status || !route.once || route.upload);
  return [
    ...faults,
    ...good
      .filter((one) => !same(one))
      .map((one) => `${one.status} ${one.body.slice(0, 300)} is not ${later.status} ${later.body.slice(0, 300)}`),
  ];
}

const TWINS = ["idempotency_in_progress", "conflict"];

function isTwin({ status, body }: Heard): boolean {
  return status === 409 && TWINS.includes((parsed(body) as { code?: string } | undefined)?.code ?? "");
}

async function otherBodyFaults({ wire, workspace }: Place, name: Mutation, call: Call, key: string): Promise<string[]> {
  if (call.other === undefined) return [];
  const { status, body } = await wire.send(sentOf(name, { ...call, body: call.other }, workspace.token, key));
  const { code } = (parsed(body) ?? {}) as { code?: string };
  return status === 422 && code === "idempotency_key_reused"
    ? []
    : [`another body is told ${status} ${body.slice(0, 200)}`];
}

/** Whoever has the key and not the token learns nothing. */
async function strangerFaults({ wire, stranger }: Place, name: Mutation, call: Call, key: string, first: Heard) {
  const heard = await wire.send(sentOf(name, call, stranger, key));
  const told = first.body !== "" && heard.body === first.body;
  const does = isGood(heard) && call.params !== undefined && call.params.role === undefined;
  return told || does ? [`another workspace is told ${heard.status} ${heard.body.slice(0, 200)}`] : [];
}

export function sentOf(name: RouteName, { params = {}, query, body, file }: Call, token: string, key: string): Sent {
  const { method, path, once }: Route = ROUTES[name];
  const search = query ? `?${new URLSearchParams(query).toString()}` : "";
  return {
    method: method.toUpperCase(),
    path: `${path.replaceAll(/:(\w+)/g, (_, part: string) => params[part] ?? part)}${search}`,
    headers: [
      ...["authorization", `Bearer ${token}`, "content-type", file === undefined ? "application/json" : "text/plain"],
      ...(once ? ["idempotency-key", key] : []),
    ],
    body: file ?? (body === undefined ? "" : JSON.stringify(body)),
  };
}

function difference(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  const changed = Object.entries(after).map(([name, rows]) => [name, rows - (before[name] ?? 0)] as const);
  return Object.fromEntries(changed.filter(([, rows]) => rows !== 0));
}
