/** Claims whose answers are destroyed on the wire. Most callers ask again with the same claim_id; the others are never heard of again. */
import { type Client, openClient } from "@baton/client";
import type { ClaimedLease } from "@baton/domain/api";
import { chanceOf } from "../faults/chance.ts";
import { type Holders, openHolders } from "../fuzz/holders.ts";
import { type Claim, type Loss, loseClaim } from "../fuzz/lost-answers.ts";
import { type Attacked, onCluster } from "../fuzz/on-cluster.ts";
import { value } from "../fuzz/pool.ts";
import type { Outcome } from "../scenario.ts";

const CLAIMS = { short: 150, long: 1_000 };
const LANES = 4;
const LEASE_S = 5;
const OFFERED_AGAIN_MS = 5_000;
/** For all tasks to be offered again, however busy the machine is. */
const DONE_MS = 120_000;

export const lostClaims = onCluster({
  name: "lost-claims",
  promise:
    "a claim whose answer is lost gives the same lease again, and its task to nobody else until that lease is over",
  directors: 1,
  run: attack,
});

interface Wire {
  url: string;
  token: string;
  client: Client;
  holders: Holders;
  chance: () => number;
  faults: string[];
  /** How many claims are still to be lost, have been lost, and gave their lease again. */
  left: number;
  lost: number;
  again: number;
}

async function attack({ round, url, token }: Attacked): Promise<Outcome> {
  const planned = CLAIMS[round.form];
  const client = openClient({ url, token });
  const run_id = await submit(client, planned);
  const counts = { left: planned, lost: 0, again: 0 };
  const wire: Wire = {
    url,
    token,
    client,
    holders: openHolders(),
    chance: chanceOf(round.seed),
    faults: [],
    ...counts,
  };
  await Promise.all(Array.from({ length: LANES }, () => loseMany(wire)));
  round.tell(`${wire.lost} answers are lost`);
  const end = performance.now() + DONE_MS;
  let in_dev = await inDev(client, run_id);
  while (in_dev > 0 && performance.now() < end) {
    await Promise.all(Array.from({ length: LANES }, () => workOne(wire)));
    in_dev = await inDev(client, run_id);
  }
  const { holders, faults } = wire;
  const waits = await waitsOf(client, run_id);
  const longest_ms = Math.max(0, ...waits);
  if (in_dev > 0) faults.push(`${in_dev} tasks are never offered again`);
  if (longest_ms > OFFERED_AGAIN_MS) {
    faults.push(`a task is offered again ${Math.round(longest_ms)} ms after its lease is over`);
  }
  const details = [...faults, ...holders.faults];
  return {
    ...{ planned, injected: wire.lost },
    violations: details.slice(0, 30).map((detail) => ({ invariant: "a lost answer changes nothing", detail })),
    figures: {
      ...{ lost_answers: wire.lost, same_lease_again: wire.again, given_up: waits.length },
      offered_again_after_s: Math.round(longest_ms / 100) / 10,
    },
  };
}

/** One task for each claim; crashes are no reason to park it. */
async function submit(client: Client, count: number): Promise<string> {
  const settings = { limits: { crashes: 100 } };
  const { project } = await value(client.call("createProject", { body: { name: "lost claims", settings } }));
  const tasks = Array.from({ length: count }, (_, n) => ({ title: `task ${n}` }));
  const body = { project_id: project.id, name: "lost claims", tasks };
  return (await value(client.call("createRun", { body }))).run.id;
}

/** From the end of each lease that nobody ended to when its task was ready again: both by the database's clock, in ms. */
async function waitsOf(client: Client, run_id: string): Promise<number[]> {
  const waits: number[] = [];
  let cursor: string | undefined;
  do {
    const { items, next_cursor } = await value(
      client.call("listTasks", { query: { run_id, limit: 200, ...(cursor && { cursor }) } }),
    );
    for (const { id } of items) {
      const { items: events } = await value(client.call("timeline", { params: { id }, query: { limit: 200 } }));
      for (const [n, event] of events.entries()) {
        const before = events[n - 1];
        if (event.type !== "expired" || before === undefined) continue;
        waits.push(Date.parse(event.at) - Date.parse(before.at) - Number(before.data.lease_ms));
      }
    }
    cursor = next_cursor ?? undefined;
  } while (cursor !== undefined);
  return waits;
}

async function inDev(client: Client, id: string): Promise<number> {
  return (await value(client.call("taskProgress", { params: { id } }))).by_stage.dev;
}

const claimOf = (more: Partial<Claim> = {}): Claim => ({
  ...{ claim_id: crypto.randomUUID(), stages: ["dev"], agent: { id: "forgetful" }, lease_s: LEASE_S },
  ...more,
});

const GIVEN_UP = 0.3;
const RESET = 0.4;
const RESET_WITHIN_MS = 25;

async function loseMany(wire: Wire): Promise<void> {
  while (wire.left > 0) {
    wire.left -= 1;
    const loss: Loss =
      wire.chance() < RESET ? { kind: "reset", after_ms: wire.chance() * RESET_WITHIN_MS } : { kind: "heard" };
    const gives_up = wire.chance() < GIVEN_UP;
    const claim = claimOf();
    const lost = await loseClaim(wire.url, wire.token, claim, loss);
    wire.lost += 1;
    if (lost) wire.holders.given(lost);
    if (!gives_up) await askAgain(wire, claim, lost);
  }
}

async function askAgain(wire: Wire, claim: Claim, lost: ClaimedLease | null): Promise<void> {
  const asked_at = Date.now();
  const answer = await wire.client.call("claim", { body: claim });
  if (lost !== null && asked_at > Date.parse(lost.lease.expires_at) - BUSY_MS)
    return wire.holders.ended(lost.lease.task_id);
  if (!answer.ok || answer.value === null) {
    // Nothing may be left for a claim that was never made.
    if (lost !== null || !answer.ok) wire.faults.push(`asked again, a claim is told ${answer.status}`);
    return;
  }
  const { lease } = answer.value;
  if (lost !== null && (lease.id !== lost.lease.id || lease.epoch !== lost.lease.epoch || answer.status !== 200)) {
    wire.faults.push(
      `${answer.status} ${lease.id} (${lease.epoch}) in place of ${lost.lease.id} (${lost.lease.epoch})`,
    );
  }
  wire.again += lost === null ? 0 : 1;
  await pass(wire, answer.value);
}

/** So shortly before its end a lease may be over when the question arrives: nothing can be said of the answer then. */
const BUSY_MS = 2_500;

/** Its own lease may be over on a busy machine: then somebody else works the task. */
async function pass({ client, holders }: Wire, claimed: ClaimedLease): Promise<void> {
  holders.given(claimed);
  const { id, epoch, task_id } = claimed.lease;
  const body = { epoch, result: "pass" as const, packet: { output_summary: "remembered" } };
  const passed = await client.call("complete", { params: { id }, body });
  if (passed.ok) holders.ended(task_id);
}

async function workOne(wire: Wire): Promise<void> {
  const claimed = await value(wire.client.call("claim", { body: claimOf({ wait_s: 3 }) }));
  if (claimed !== null) await pass(wire, claimed);
}
