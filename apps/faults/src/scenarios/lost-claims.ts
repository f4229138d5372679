/** Claims whose answers are destroyed on the wire. Most callers ask again with the same claim_id; the others are never heard of again. */
import { type Client, openClient } from "@baton/client";
import { openDatabase } from "@baton/db";
import type { ClaimedLease } from "@baton/domain/api";
import { chanceOf } from "../faults/chance.ts";
import { type Holders, openHolders } from "../fuzz/holders.ts";
import { judgeLosses, type Lost } from "../fuzz/losses.ts";
import { type Claim, type Loss, loseClaim } from "../fuzz/lost-answers.ts";
import { type Attacked, onCluster } from "../fuzz/on-cluster.ts";
import { value } from "../fuzz/pool.ts";
import type { Outcome } from "../scenario.ts";

const CLAIMS = { short: 150, long: 1_000 };
/** Of all claims so many must have been made before their answer was lost: of a connection that is reset at once nothing gets to the server. */
const MADE_SHARE = 0.5;
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
  /** Claims that were sent and not heard. */
  losses: Lost[];
  /** How many claims are still to be lost, and gave their lease again. */
  left: number;
  again: number;
}

async function attack({ round, url, token, cluster }: Attacked): Promise<Outcome> {
  const claims = CLAIMS[round.form];
  const client = openClient({ url, token });
  const run_id = await submit(client, claims);
  const wire: Wire = {
    url,
    token,
    client,
    holders: openHolders(),
    chance: chanceOf(round.seed),
    faults: [],
    losses: [],
    ...{ left: claims, again: 0 },
  };
  await Promise.all(Array.from({ length: LANES }, () => loseMany(wire)));
  round.tell(`${wire.losses.length} claims were not heard`);
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
  const { made, faults: wrong } = judgeLosses(wire.losses, await claimIds(cluster.database_url));
  const details = [...faults, ...wrong, ...holders.faults];
  return {
    ...{ planned: Math.floor(claims * MADE_SHARE), injected: made },
    violations: details.slice(0, 30).map((detail) => ({ invariant: "a lost answer changes nothing", detail })),
    figures: {
      ...{ unheard: wire.losses.length, lost_answers: made, same_lease_again: wire.again, given_up: waits.length },
      offered_again_after_s: Math.round(longest_ms / 100) / 10,
    },
  };
}

/** Of all claims that were ever made, whoever heard of them. */
async function claimIds(database_url: string): Promise<Set<string>> {
  const db = openDatabase(database_url, { connections: 1 });
  try {
    const text = "select claim_id from attempts";
    const rows = await db.run<{ claim_id: string }>({ name: "faults_claim_ids", text }, []);
    return new Set(rows.map(({ claim_id }) => claim_id));
  } finally {
    await db.close();
  }
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
    if (lost) wire.holders.given(lost);
    const again = gives_up ? "not asked" : await askAgain(wire, claim, lost);
    wire.losses.push({ claim_id: claim.claim_id, again });
  }
}

async function askAgain(wire: Wire, claim: Claim, lost: ClaimedLease | null): Promise<Lost["again"]> {
  const asked_at = Date.now();
  const answer = await wire.client.call("claim", { body: claim });
  if (lost !== null && asked_at > Date.parse(lost.lease.expires_at) - BUSY_MS) {
    wire.holders.ended(lost.lease.task_id);
    return "too late";
  }
  if (!answer.ok || answer.value === null) {
    // Nothing may be left for a claim that was never made.
    if (lost !== null || !answer.ok) wire.faults.push(`asked again, a claim is told ${answer.status}`);
    return answer.ok ? "nothing" : "refused";
  }
  const { lease } = answer.value;
  if (lost !== null && (lease.id !== lost.lease.id || lease.epoch !== lost.lease.epoch || answer.status !== 200)) {
    wire.faults.push(
      `${answer.status} ${lease.id} (${lease.epoch}) in place of ${lost.lease.id} (${lost.lease.epoch})`,
    );
  }
  wire.again += lost === null ? 0 : 1;
  await pass(wire, answer.value);
  return answer.status === 200 ? "the same" : "a new one";
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
