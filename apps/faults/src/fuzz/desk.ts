/** From where the steps of a sequence are sent: calls by their names, each answer held against the schema of its route. Keeps what was done under a key, so that it can be sent again. */
import { ROUTES, type Route, type RouteName } from "@baton/domain/api";
import { faultOf, parsed } from "./judge.ts";
import type { Call } from "./scenes.ts";
import { sentOf } from "./threefold.ts";
import type { Heard, Sent, Wire } from "./wire.ts";

export interface Told {
  status: number;
  /** Of a refusal; undefined for a success. */
  code: string | undefined;
  body: unknown;
  headers: Heard["headers"];
}

export interface Desk {
  /** Throws `Unexpected` when the answer is none that the route promises. `token`: in place of the usual one. */
  call(name: RouteName, call: Call, token?: string): Promise<Told>;
  /** Mutations that were done, with what was answered. */
  readonly done: readonly { name: RouteName; sent: Sent; heard: Heard }[];
  send: Wire["send"];
}

export class Unexpected extends Error {}

export function openDesk(wire: Wire, token: string): Desk {
  const done: { name: RouteName; sent: Sent; heard: Heard }[] = [];
  return {
    done,
    send: wire.send,
    call: async (name, call, other = token) => {
      const route: Route = ROUTES[name];
      const sent = sentOf(name, call, other, crypto.randomUUID());
      const heard = await wire.send(sent);
      const fault = faultOf(name, sent.method, heard) ?? codeFault(route, heard);
      if (fault !== null) throw new Unexpected(`${name} ${fault}`);
      if (route.once && heard.status < 300) done.push({ name, sent, heard });
      const body = parsed(heard.body);
      const code = heard.status < 300 ? undefined : codeOf(heard);
      return { status: heard.status, code, body, headers: heard.headers };
    },
  };
}

/** What any call may be refused for that is well put. */
const ALWAYS = ["invalid_request", "unauthenticated", "forbidden"];

const codeOf = ({ body }: Heard) => String((parsed(body) as { code?: unknown } | undefined)?.code);

function codeFault({ refusals = [] }: Route, heard: Heard): string | null {
  if (heard.status < 400) return null;
  const code = codeOf(heard);
  return [...refusals, ...ALWAYS].includes(code) ? null : `is refused with ${code}, which its route does not promise`;
}
