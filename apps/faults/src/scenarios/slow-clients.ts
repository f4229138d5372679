/** Hundreds of clients that send and read as slowly as they can, beside ordinary ones. */
import { setTimeout as pause } from "node:timers/promises";
import { type Everyday, everyday, quantile } from "../fuzz/everyday.ts";
import { type Attacked, onCluster } from "../fuzz/on-cluster.ts";
import { type SlowClient, type SlowWay, slowClient, WAYS } from "../fuzz/slow.ts";
import type { Outcome, Violation } from "../scenario.ts";

/** The short form is over before the deadline of a body is: that one is looked at in the long form, and by the tests of the API. */
const FORMS = { short: { clients: 300, ms: 15_500 }, long: { clients: 2_000, ms: 120_000 } };

/** When a connection has to be ended, and with which status. Readers have longer than we look. */
const ENDS: Partial<Record<SlowWay, { within_ms: number; status: number }>> = {
  headers: { within_ms: 15_000, status: 408 },
  body: { within_ms: 31_000, status: 408 },
  message: { within_ms: 31_000, status: 408 },
  "refused body": { within_ms: 15_000, status: 401 },
};

/** On a machine that is busy with other things the server comes to it later. How long it took is told. */
const BUSY = 3;

/** What is fixed for a quiet machine is told; beyond this it is wrong on any. */
const P99_MS = 2_000;

export const slowClients = onCluster({
  name: "slow-clients",
  promise: "clients that send and read as slowly as they can are cut off, and nobody else notices them",
  directors: 1,
  run: attack,
});

async function attack({ round, url, token }: Attacked): Promise<Outcome> {
  const { clients, ms } = FORMS[round.form];
  const end = performance.now() + ms;
  const open: SlowClient[] = [];
  const usual = everyday(url, token, () => performance.now() > end);
  for (let n = 0; n < clients; n += 1) {
    open.push(slowClient(url, token, WAYS[n % WAYS.length] ?? "headers"));
    // Not all in one burst, which would be another attack.
    if (n % 50 === 49) await pause(20);
  }
  round.tell(`${clients} slow clients are there`);
  const seen = await usual;
  const late = (await Promise.all(open.map((client) => lateness(client, ms)))).flat();
  const held = open.filter(({ ended_ms }) => ended_ms === undefined).length;
  for (const client of open) client.close();
  return {
    planned: clients,
    injected: open.filter(({ connected }) => connected).length,
    violations: [...grouped(late), ...noticed(seen)],
    figures: { ...figuresOf(seen), ...endsOf(open), still_open: held },
  };
}

/** Nothing is said of a deadline that comes after the end. */
async function lateness(client: SlowClient, form_ms: number): Promise<string[]> {
  const { way } = client;
  const due = ENDS[way];
  if (due === undefined || form_ms < due.within_ms) return [];
  const waiting_ends = performance.now() + due.within_ms * (BUSY - 1);
  while (client.ended_ms === undefined && performance.now() < waiting_ends) await pause(100);
  if (client.ended_ms === undefined) return [`a slow ${way} is not cut off`];
  return client.status === due.status ? [] : [`a slow ${way} is told ${client.status} and not ${due.status}`];
}

function grouped(details: string[]): Violation[] {
  return [...Map.groupBy(details, (detail) => detail)].map(([detail, all]) => ({
    ...{ invariant: "slow clients are cut off", detail: `${detail} (${all.length} times)` },
  }));
}

function noticed({ ms, refused }: Everyday): Violation[] {
  const invariant = "nobody else notices";
  const p99 = quantile(ms, 0.99);
  return [
    ...refused.slice(0, 5).map((detail) => ({ invariant, detail })),
    ...(p99 > P99_MS ? [{ invariant, detail: `an ordinary call takes ${Math.round(p99)} ms (p99)` }] : []),
  ];
}

function figuresOf({ ms }: Everyday) {
  return { ordinary_calls: ms.length, p50_ms: Math.round(quantile(ms, 0.5)), p99_ms: Math.round(quantile(ms, 0.99)) };
}

/** The longest that any of a kind was kept, in seconds. */
function endsOf(clients: SlowClient[]): Record<string, number> {
  const ended = clients.filter(({ ended_ms }) => ended_ms !== undefined);
  const longest = [...Map.groupBy(ended, ({ way }) => way)].map(([way, all]) => {
    const ms = Math.max(...all.map(({ ended_ms = 0 }) => ended_ms));
    return [`${way.replace(" ", "_")}_cut_s`, Math.round(ms / 100) / 10] as const;
  });
  return Object.fromEntries(longest);
}
