/** Random sequences of calls by agents and operators, each answer held against a model of the run. */
import { inspect } from "node:util";
import { openClient } from "@baton/client";
import { openDesk, Unexpected } from "../fuzz/desk.ts";
import { inLanes } from "../fuzz/lanes.ts";
import { type Attacked, onCluster } from "../fuzz/on-cluster.ts";
import { play } from "../fuzz/play.ts";
import { value } from "../fuzz/pool.ts";
import { anySequence, type Sequence } from "../fuzz/steps.ts";
import { openWire, type Wire } from "../fuzz/wire.ts";
import { openWorkspaces } from "../fuzz/workspaces.ts";
import type { Outcome } from "../scenario.ts";

/** The short form plays what fits into its time; fewer than planned prove nothing. */
const FORMS = { short: { cases: 2_000, planned: 20, ms: 30_000 }, long: { cases: 2_000, planned: 2_000 } };
const LANES = 4;

export const sequences = onCluster({
  name: "sequences",
  shares: true,
  promise: "whatever is called in whatever order, every answer is what a model of the line allows",
  directors: 0,
  run: attack,
});

async function attack({ round, url, cluster }: Attacked): Promise<Outcome> {
  const { planned, ...effort } = FORMS[round.form];
  const workspaces = await openWorkspaces(cluster.database_url);
  const wire = openWire(url, LANES);
  const began = performance.now();
  let calls = 0;
  const counted: Wire = {
    ...wire,
    send: (sent) => {
      calls += 1;
      return wire.send(sent);
    },
  };
  try {
    const players = await Promise.all(Array.from({ length: LANES }, (_, lane) => workspaces.open(`lane ${lane}`)));
    const strangers = await Promise.all(players.map(({ token }) => strangerTo(url, token)));
    const check = (one: Sequence, lane: number) =>
      faultOf(play(openDesk(counted, players[lane]?.token ?? ""), strangers[lane] ?? "", one));
    const all = { lanes: LANES, seed: round.seed, ...effort };
    const run = await inLanes(
      all,
      () => anySequence,
      check,
      (one) => inspect(one, { depth: 8, breakLength: 120 }),
    );
    const violations = run.failures.map((detail) => ({ invariant: "every answer is what the model allows", detail }));
    const seconds = Math.round((performance.now() - began) / 1_000);
    return { planned, injected: run.cases, violations, figures: { sequences: run.cases, calls, seconds } };
  } finally {
    wire.close();
    await workspaces.close();
  }
}

/** An agent of the same workspace that holds nothing. */
async function strangerTo(url: string, token: string): Promise<string> {
  const client = openClient({ url, token });
  return (await value(client.call("createToken", { body: { name: "stranger", role: "agent" } }))).token;
}

/** What the model does not allow; what went wrong with the harness itself is thrown. */
async function faultOf(played: Promise<void>): Promise<string | null> {
  try {
    await played;
    return null;
  } catch (error) {
    if (error instanceof Unexpected) return error.message;
    throw error;
  }
}
